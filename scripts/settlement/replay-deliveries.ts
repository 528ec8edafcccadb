/**
 * The third way of adding: from what was delivered, by the terms of the matches alone. A unit costs what the offering
 * says; how fund and resident share it is reckoned again in fractions, delivery after delivery.
 */
import { sql } from 'drizzle-orm'
import type { Context } from '../../src/platform/context.ts'
import type { Sums } from './three-sums.ts'

/** As the database has it: numbers as text. */
interface Raw {
  id: string
  match: string
  program: string | null
  provider: string
  units: string
  quantity: string
  match_subsidy: string
  match_copayment: string
  unit_price: string
  subsidy: string
  copayment: string
  /** Whether a settlement has paid for it. */
  paid: boolean
  made: string
  /** When its share was given back; null = it was not. */
  reverted: string | null
}

/** What a match has left to give. */
interface Open {
  fund: bigint
  wallet: bigint
  units: bigint
}

type Split = Pick<Sums, 'subsidy' | 'copayment'>

/** What was paid for and counts, by program and provider; and what deliveries say that their terms don't. */
export async function replayDeliveries(
  ctx: Context,
): Promise<{ sums: Map<string, Sums>; differences: string[] }> {
  const sums = new Map<string, Sums>()
  const differences: string[] = []
  for (const own of byMatch(await readDeliveries(ctx))) {
    const splits = replay(own)
    for (const row of own) {
      const { subsidy, copayment } = splits.get(row.id)!
      const price = BigInt(row.units) * BigInt(row.unit_price)
      if (subsidy + copayment !== price) {
        differences.push(`delivery ${row.id}: ${subsidy} + ${copayment} is not its price, ${price}`)
      }
      if (subsidy !== BigInt(row.subsidy) || copayment !== BigInt(row.copayment)) {
        differences.push(
          `delivery ${row.id}: ${row.subsidy} + ${row.copayment} instead of ${subsidy} + ${copayment}`,
        )
      }
      if (!row.paid || row.program === null) continue
      const key = `${row.program} ${row.provider}`
      const before = sums.get(key) ?? { price: 0n, subsidy: 0n, copayment: 0n }
      sums.set(key, {
        price: before.price + price,
        subsidy: before.subsidy + subsidy,
        copayment: before.copayment + copayment,
      })
    }
  }
  return { sums, differences }
}

async function readDeliveries(ctx: Context): Promise<Raw[]> {
  const { rows } = (await ctx.db.root.execute(sql`
    select d.id::text, m.id::text as match, m.program_id::text as program, r.provider_id::text as provider,
      d.units::text, m.quantity::text, m.subsidy::text as match_subsidy, m.copayment::text as match_copayment,
      o.price::text as unit_price, d.subsidy::text, d.copayment::text, d.settled_at is not null as paid,
      d.created_at::text as made,
      case when d.state <> 'annulled' or d.settled_at is not null then null
        else coalesce(corrected.created_at, d.decided_at)::text end as reverted
    from deliveries d
    join referrals r on r.id = d.referral_id
    join matches m on m.id = r.match_id
    join offerings o on o.id = m.offering_id
    left join (
      select l.delivery_id, s.created_at from statement_lines l
      join statements t on t.id = l.statement_id
      join settlements s on s.id = t.settlement_id
      where l.kind = 'correction'
    ) corrected on corrected.delivery_id = d.id
    order by m.id, d.id`)) as unknown as { rows: Raw[] }
  return rows
}

function* byMatch(rows: readonly Raw[]): Generator<Raw[]> {
  let own: Raw[] = []
  for (const row of rows) {
    if (own.length > 0 && own[0]!.match !== row.match) {
      yield own
      own = []
    }
    own.push(row)
  }
  if (own.length > 0) yield own
}

/** Everything that happened to a match in the order it happened: shares taken, and shares given back. */
function replay(own: readonly Raw[]): Map<string, Split> {
  const { match_subsidy, match_copayment, quantity } = own[0]!
  const open: Open = {
    fund: BigInt(match_subsidy),
    wallet: BigInt(match_copayment),
    units: BigInt(quantity),
  }
  const events = own
    .flatMap((row) => [
      { at: Date.parse(row.made), sign: -1n, row },
      ...(row.reverted === null ? [] : [{ at: Date.parse(row.reverted), sign: 1n, row }]),
    ])
    .sort((one, other) => one.at - other.at || (one.row.id < other.row.id ? -1 : 1))
  const splits = new Map<string, Split>()
  for (const { sign, row } of events) {
    const units = BigInt(row.units)
    const split = sign < 0n ? share(open, units) : splits.get(row.id)!
    splits.set(row.id, split)
    open.fund += sign * split.subsidy
    open.wallet += sign * split.copayment
    open.units += sign * units
  }
  return splits
}

/** The units' part of what is left, half a cent rounded up; the odd cent goes to whom the larger fraction was cut off. */
function share({ fund, wallet, units: left }: Open, units: bigint): Split {
  const due = (2n * (fund + wallet) * units + left) / (2n * left)
  const cut = (whole: bigint) => (whole * units) % left
  let subsidy = (fund * units) / left
  const copayment = (wallet * units) / left
  if (subsidy + copayment === due) return { subsidy, copayment }
  if (due - subsidy - copayment === 2n) return { subsidy: subsidy + 1n, copayment: copayment + 1n }
  if (cut(fund) < cut(wallet)) return { subsidy, copayment: copayment + 1n }
  subsidy += 1n
  return { subsidy, copayment }
}
