/** A few needs of a run, told in full: picked by a fixed rule, so that the same run shows the same ones. */
import { and, asc, desc, eq, isNotNull } from 'drizzle-orm'
import { areas } from '../../features/communities/tables.ts'
import { namesIn } from '../../features/matching/explain-run-need.ts'
import { explanationSentence } from '../../features/matching/explanation-sentence.ts'
import type { RunRow } from '../../features/matching/start-run.ts'
import { matches, runNeeds } from '../../features/matching/tables.ts'
import type { Assessment } from '../../features/residents/schemas.ts'
import { needs, residents } from '../../features/residents/tables.ts'
import type { Context } from '../../platform/context.ts'
import { formatMoney } from '../../platform/money.ts'

export interface ExampleNeed {
  who: string
  sentences: string[]
}

const EXAMPLES = 3

/** The most useful matches of different kinds, and unmet needs of different reasons. */
export async function exampleNeeds(ctx: Context, run: RunRow) {
  return { matched: await matchedExamples(ctx, run), unmet: await unmetExamples(ctx, run) }
}

const columns = {
  needId: needs.id,
  category: needs.category,
  term: needs.term,
  tier: needs.tier,
  quantity: needs.quantity,
  birthYear: residents.birthYear,
  assessments: residents.assessments,
  incomeClass: residents.incomeClass,
  village: areas.name,
  reason: runNeeds.reason,
  explanation: runNeeds.explanation,
}

async function matchedExamples(ctx: Context, run: RunRow): Promise<ExampleNeed[]> {
  const rows = await ctx.db.root
    .select({ ...columns, match: matches })
    .from(matches)
    .innerJoin(needs, eq(needs.id, matches.needId))
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .innerJoin(areas, eq(areas.id, residents.areaId))
    .innerJoin(runNeeds, and(eq(runNeeds.runId, matches.runId), eq(runNeeds.needId, needs.id)))
    .where(eq(matches.runId, run.id))
    .orderBy(desc(matches.utility), asc(matches.id))
  const chosen = firstOfEach(rows, ({ category }) => category)
  const names = await namesIn(
    ctx,
    chosen.map(({ explanation }) => explanation),
  )
  return chosen.map((row) => ({
    who: personOf(row),
    sentences: [explanationSentence(row.explanation, names), paymentOf(ctx, row.match)],
  }))
}

function paymentOf(ctx: Context, match: typeof matches.$inferSelect): string {
  const { base, walking, tierFit, language, affordability, ...preferred } = match.parts
  const weighed = { base, nearness: walking, tier: tierFit, language, affordability }
  const parts = [...Object.entries(weighed), ...Object.entries(preferred).filter(([, part]) => part !== 0)]
  const sum = parts.map(([name, part]) => `${name} ${count(part)}`).join(' + ')
  const money = (amount: number) => formatMoney(amount, ctx.currency)
  return `Utility ${count(match.utility)} = ${sum}; ${walkOf(match.walkingMinutes)}; price ${money(match.price)} = ${money(match.subsidy)} subsidy + ${money(match.copayment)} own.`
}

function walkOf(minutes: number | null): string {
  if (minutes === null) return 'no walk'
  return minutes < 1.5 ? 'one minute’s walk' : `${minutes.toFixed(0)} minutes’ walk`
}

const count = (figure: number) => figure.toLocaleString('en-US')

async function unmetExamples(ctx: Context, run: RunRow): Promise<ExampleNeed[]> {
  const rows = await ctx.db.root
    .select(columns)
    .from(runNeeds)
    .innerJoin(needs, eq(needs.id, runNeeds.needId))
    .innerJoin(residents, eq(residents.id, needs.residentId))
    .innerJoin(areas, eq(areas.id, residents.areaId))
    .where(and(eq(runNeeds.runId, run.id), isNotNull(runNeeds.reason)))
    .orderBy(asc(needs.tier), asc(needs.id))
  const chosen = firstOfEach(rows, ({ reason }) => reason!)
  const names = await namesIn(
    ctx,
    chosen.map(({ explanation }) => explanation),
  )
  return chosen.map((row) => ({
    who: personOf(row),
    sentences: [explanationSentence(row.explanation, names)],
  }))
}

/** One row of each kind first, then more in order, up to three. */
function firstOfEach<Row>(rows: Row[], kindOf: (row: Row) => string): Row[] {
  const seen = new Set<string>()
  const first = rows.filter((row) => !seen.has(kindOf(row)) && seen.add(kindOf(row)))
  return [...first, ...rows.filter((row) => !first.includes(row))].slice(0, EXAMPLES)
}

interface Person {
  birthYear: number | null
  assessments: Assessment[]
  incomeClass: string | null
  village: string
  quantity: number
  term: string
  tier: string
}

function personOf({ birthYear, assessments, incomeClass, village, quantity, term, tier }: Person): string {
  return `A resident of ${village}, born ${birthYear}, care level ${assessments[0]?.level ?? 'unknown'}, income class ${incomeClass}, needs ${quantity} × ${term} (${tier}).`
}
