/** What was settled, added up in three ways that know nothing of each other. */
import { sql } from 'drizzle-orm'
import type { Context } from '../../src/platform/context.ts'
import { replayDeliveries } from './replay-deliveries.ts'

/** Minor units, of one program and provider. */
export interface Sums {
  price: bigint
  subsidy: bigint
  copayment: bigint
}

export type Way = 'ledger' | 'statements' | 'lines' | 'deliveries'
export const WAYS: readonly Way[] = ['ledger', 'statements', 'lines', 'deliveries']

/** One program and provider, by each way. */
export type Compared = { program: string; provider: string } & Record<Way, Sums>

export interface Comparison {
  rows: Compared[]
  /** What does not agree, in sentences. */
  differences: string[]
}

/** Everything that was settled so far and not taken back. */
export async function compareSums(ctx: Context): Promise<Comparison> {
  const { sums, differences } = await replayDeliveries(ctx)
  const ways: Record<Way, Map<string, Sums>> = {
    ledger: await ofLedger(ctx),
    statements: await ofStatements(ctx),
    lines: await ofLines(ctx),
    deliveries: sums,
  }
  const keys = new Set(WAYS.flatMap((way) => [...ways[way].keys()]))
  const rows = [...keys].sort().map((key) => {
    const [program, provider] = key.split(' ') as [string, string]
    const byWay = Object.fromEntries(WAYS.map((way) => [way, ways[way].get(key) ?? NOTHING]))
    return { program, provider, ...byWay } as Compared
  })
  return { rows, differences: [...differences, ...rows.flatMap(differencesIn)] }
}

const NOTHING: Sums = { price: 0n, subsidy: 0n, copayment: 0n }
const PARTS = ['price', 'subsidy', 'copayment'] as const

function differencesIn(row: Compared): string[] {
  return PARTS.flatMap((part) => {
    const amounts = WAYS.map((way) => row[way][part])
    if (new Set(amounts).size === 1) return []
    const told = WAYS.map((way, at) => `${amounts[at]} by ${way}`).join(', ')
    return [`${row.program} × ${row.provider}: ${part} is ${told}`]
  })
}

/** The first way: what the ledger paid out less what it took back, from each kind of account to each provider. */
async function ofLedger(ctx: Context): Promise<Map<string, Sums>> {
  return read(
    ctx,
    sql`
    select m.program_id::text as program, receiver.owner_id::text as provider,
      sum(t.signed)::text as price,
      coalesce(sum(t.signed) filter (where payer.kind = 'fund'), 0)::text as subsidy,
      coalesce(sum(t.signed) filter (where payer.kind = 'wallet'), 0)::text as copayment
    from (
      select bundle_id, debit_id, credit_id, case phase when 'settle' then amount else -amount end as signed
      from transfers where phase in ('settle', 'unsettle')
    ) t
    join matches m on m.id = t.bundle_id
    join accounts payer on payer.id = t.debit_id
    join accounts receiver on receiver.id = t.credit_id and receiver.kind = 'receivable'
    group by 1, 2`,
  )
}

/** The second way: the statements that providers are sent. */
async function ofStatements(ctx: Context): Promise<Map<string, Sums>> {
  return read(
    ctx,
    sql`
    select s.program_id::text as program, t.provider_id::text as provider,
      sum(t.price)::text as price, sum(t.subsidy)::text as subsidy, sum(t.copayment)::text as copayment
    from statements t join settlements s on s.id = t.settlement_id
    group by 1, 2`,
  )
}

/** The same, line by line. */
async function ofLines(ctx: Context): Promise<Map<string, Sums>> {
  return read(
    ctx,
    sql`
    select s.program_id::text as program, t.provider_id::text as provider,
      sum(l.price)::text as price, sum(l.subsidy)::text as subsidy, sum(l.copayment)::text as copayment
    from statement_lines l
    join statements t on t.id = l.statement_id
    join settlements s on s.id = t.settlement_id
    group by 1, 2`,
  )
}

async function read(ctx: Context, statement: ReturnType<typeof sql>): Promise<Map<string, Sums>> {
  const { rows } = (await ctx.db.root.execute(statement)) as unknown as {
    rows: Record<string, string>[]
  }
  const sums = new Map<string, Sums>()
  for (const row of rows) {
    const [price, subsidy, copayment] = PARTS.map((part) => BigInt(row[part]!))
    const found = { price: price!, subsidy: subsidy!, copayment: copayment! }
    if (price !== 0n || subsidy !== 0n) sums.set(`${row.program} ${row.provider}`, found)
  }
  return sums
}
