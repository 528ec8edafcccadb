/** The same question asked of the tables by a plain loop: no index, no columns, no events. */
import { sql } from 'drizzle-orm'
import { openAt } from '../../../src/features/catalog/hours.ts'
import { walkingMinutes } from '../../../src/features/communities/reach.ts'
import { DEFAULT_POLICY } from '../../../src/features/policies/default-policy.ts'
import { evaluate } from '../../../src/features/policies/eligibility.ts'
import type { SearchOfferings } from '../../../src/features/search/schemas.ts'
import { wordsOf } from '../../../src/features/search/text-tokens.ts'
import type { Context } from '../../../src/platform/context.ts'

// biome-ignore lint/suspicious/noExplicitAny: rows as the driver gives them
type Row = any
type Counts = { value: string; count: number }[]

export interface Expected {
  ids: string[]
  facets: Record<string, Counts>
}

const FACETS = ['category', 'tier', 'mode', 'sector', 'priceType', 'term'] as const

export async function askTables(ctx: Context, question: SearchOfferings): Promise<Expected> {
  const rows = await readAll(ctx, question)
  const areas = question.areaId ? await partsOf(ctx, question.areaId) : null
  const judged = rows.map((row) => judge(ctx, question, row, areas)).filter((one) => one !== null)
  const found = judged
    .filter(({ misses }) => misses.length === 0)
    .sort((one, other) => one.key - other.key || (one.row.id < other.row.id ? -1 : 1))
  const facets = Object.fromEntries(
    FACETS.map((facet) => {
      const counted = judged.filter(({ misses }) => misses.every((missed) => missed === facet))
      return [
        facet,
        countBy(counted.map(({ row }) => row[facet])).slice(0, facet === 'term' ? 20 : undefined),
      ]
    }),
  )
  return { ids: found.map(({ row }) => row.id), facets }
}

function countBy(values: (string | null)[]): Counts {
  const known = values.filter((value) => value !== null)
  return [...new Set(known)]
    .map((value) => ({ value, count: known.filter((other) => other === value).length }))
    .sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1))
}

/** Null = not found, whatever the facets; otherwise the facets whose filter it misses, and its place in the order. */
function judge(ctx: Context, question: SearchOfferings, row: Row, areas: Set<string> | null) {
  const { near, minutes, q } = question
  const { role, organizationId } = ctx.actor
  if (role === 'provider' && row.organizationId !== organizationId) return null
  if (question.organizationId && row.organizationId !== question.organizationId) return null
  if (question.state && row.state !== question.state) return null
  if (question.maxPrice !== undefined && Number(row.price) > question.maxPrice) return null
  if (areas && !areas.has(row.areaId)) return null
  if (question.freeIn && !row.free) return null
  if (question.openAt && !(row.hours && openAt(row.hours, new Date(question.openAt)))) return null
  if (question.language && !speaks(row.languages, question.language)) return null
  if (!eligible(question, row.eligibility)) return null
  const isSecret =
    row.visibility === 'confidential' || (row.visibility === null && row.addressOf === 'person')
  const points = q ? pointsOf(q, row, isSecret) : 1
  if (points === 0) return null
  const walk = near ? walkTo(question, row) : 0
  if (near && (walk === null || walk > minutes!)) return null
  const isTold = ['operator', 'system'].includes(role) || row.organizationId === organizationId
  if (near && isSecret && !isTold) return null
  const misses = FACETS.filter((facet) => question[facet] && question[facet] !== row[facet])
  return { row, misses, key: near ? walk! : q ? -points : 0 }
}

function speaks(languages: string[], wanted: string): boolean {
  return languages.some((tag) => tag === wanted || tag.startsWith(`${wanted}-`))
}

function eligible(question: SearchOfferings, rule: Row): boolean {
  const { age, careLevel, incomeClass, mobility, livesAlone } = question
  const facts = Object.fromEntries(
    Object.entries({ age, careLevel, incomeClass, mobility, livesAlone }).filter(
      ([, value]) => value !== undefined,
    ),
  )
  if (Object.keys(facts).length === 0 || rule === null) return true
  const verdict = evaluate(rule, facts)
  return verdict === 'pass' || (verdict === 'unknown' && question.includeUnknown === true)
}

function walkTo({ near, mobility = 'independent' }: SearchOfferings, row: Row): number | null {
  if (row.latitude === null || row.mode === 'remote') return null
  const { metersPerSecond, detourFactor } = DEFAULT_POLICY.document.reach
  const speed = metersPerSecond[row.mode === 'home' ? 'independent' : mobility]
  return walkingMinutes(near!, row, { metersPerSecond: speed, detourFactor })
}

/** By looking for pieces of words in words, where the index has tokens and postings. */
function pointsOf(q: string, row: Row, isSecret: boolean): number {
  const strong = pad(wordsOf(`${row.name} ${row.term.replaceAll('_', ' ')}`))
  const weak = pad(wordsOf(`${row.organization} ${row.place} ${isSecret ? '' : row.address}`))
  let points = 0
  for (const word of wordsOf(q)) {
    const pieces = new Set(piecesOf(word))
    const has = (text: string[], piece: string) => text.some((part) => part.includes(piece))
    const gains = [...pieces].map((piece) => (has(strong, piece) ? 2 : has(weak, piece) ? 1 : 0))
    if (gains.filter((gain) => gain > 0).length / pieces.size < 0.6) return 0
    points += gains.reduce((sum: number, gain) => sum + gain, 0)
  }
  return points
}

const isChinese = (word: string) => /\p{Script=Han}/u.test(word)
const pad = (words: string[]) => words.map((word) => (isChinese(word) ? word : `  ${word} `))

function piecesOf(word: string): string[] {
  if (isChinese(word))
    return word.length === 1
      ? [word]
      : Array.from(word)
          .slice(1)
          .map((c, at) => word[at] + c)
  const padded = `  ${word} `
  return Array.from({ length: word.length + 1 }, (_, at) => padded.slice(at, at + 3))
}

async function readAll(ctx: Context, { freeIn }: SearchOfferings): Promise<Row[]> {
  const { rows } = (await ctx.db.root.execute(sql`
    select o.id, o.organization_id as "organizationId", o.tier, o.mode, o.state, o.price, o.price_type as "priceType",
      o.languages, o.eligibility, o.hours, s.name, s.category, s.term, l.latitude, l.longitude, l.area_id as "areaId",
      l.name as place, l.address, l.visibility, l.address_of as "addressOf", g.name as organization, g.sector,
      coalesce((select a."limit" > a.held + a.spent from accounts a where a.owner_id = o.id and a.kind = 'capacity'
        and a.period = ${freeIn ?? ''} and a.unit = o.unit::text), false)
      and not exists (select 1 from offering_capacities c where c.offering_id = o.id and c.period = ${freeIn ?? ''}
        and c.status in ('no-capacity', 'waitlist')) as free
    from offerings o, services s, locations l, organizations g
    where s.id = o.service_id and l.id = o.location_id and g.id = o.organization_id`)) as unknown as {
    rows: Row[]
  }
  return rows
}

async function partsOf(ctx: Context, areaId: string): Promise<Set<string>> {
  const { rows } = (await ctx.db.root.execute(sql`select id, parent_id as parent from areas`)) as unknown as {
    rows: { id: string; parent: string | null }[]
  }
  const parts = new Set([areaId])
  for (let before = 0; before < parts.size; ) {
    before = parts.size
    for (const { id, parent } of rows) if (parent && parts.has(parent)) parts.add(id)
  }
  return parts
}
