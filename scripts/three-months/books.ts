/** The books at the end: printed, added up in several ways, and balanced. */
import { sql } from 'drizzle-orm'
import { getWalletStatement } from '../../src/features/residents/get-wallet-statement.ts'
import { listWallets } from '../../src/features/residents/list-wallets.ts'
import { reconcile } from '../../src/platform/ledger/reconcile.ts'
import { formatMoney } from '../../src/platform/money.ts'
import type { Stage } from './stage.ts'

interface ProgramBooks {
  name: string
  period: string
  budget: number
  held: number
  spent: number
  delivered: number
  settled: number
}

const twd = (amount: number) => formatMoney(amount, 'TWD').replace(' TWD', '')

export async function closeBooks(stage: Stage): Promise<void> {
  await balanceFunds(stage)
  await balanceProviders(stage)
  await balanceResidents(stage)
  const { accounts, transfers, differences, unbalancedUnits } = await reconcile(stage.system)
  if (differences.length + unbalancedUnits.length > 0) {
    throw new Error(`The books do not reconcile: ${JSON.stringify({ differences, unbalancedUnits })}`)
  }
  console.log(`  ${accounts} accounts recomputed from ${transfers} transfers: no difference`)
}

async function all<T>({ db }: Stage, statement: ReturnType<typeof sql>): Promise<T[]> {
  return ((await db.root.execute(statement)) as unknown as { rows: T[] }).rows
}

/** Spent by the fund = what was delivered and not annulled = what the statements say. */
async function balanceFunds(stage: Stage): Promise<void> {
  const rows = await all<ProgramBooks>(
    stage,
    sql`select p.name, p.period, a."limit"::float8 as budget, a.held::float8 as held, a.spent::float8 as spent,
      (select coalesce(sum(d.subsidy), 0)::float8 from deliveries d join referrals r on r.id = d.referral_id
        join matches m on m.id = r.match_id where m.program_id = p.id and d.state <> 'annulled') as delivered,
      (select coalesce(sum(s.subsidy), 0)::float8 from settlements s where s.program_id = p.id) as settled
    from programs p join accounts a on a.id = p.fund_account_id order by p.period, p.id`,
  )
  console.log(
    '  program                                                month          budget      held         spent       settled',
  )
  for (const { name, period, budget, held, spent, delivered, settled } of rows) {
    const figures = [budget, held, spent, settled].map((amount) => twd(amount).padStart(13))
    console.log(`  ${name.padEnd(54).slice(0, 54)} ${period} ${figures.join(' ')}`)
    if (held !== 0) throw new Error(`${name} still holds ${held}.`)
    if (spent !== delivered || spent !== settled) {
      throw new Error(`${name} ${period}: spent ${spent}, delivered ${delivered}, settled ${settled}.`)
    }
  }
}

/** Received by providers of funds and wallets; paid out what the statements say. */
async function balanceProviders(stage: Stage): Promise<void> {
  const [sums] = await all<Record<'received' | 'incoming' | 'paid' | 'statements' | 'private', number>>(
    stage,
    sql`select
      (select sum(received)::float8 from accounts where kind = 'receivable') as received,
      (select sum(incoming)::float8 from accounts where kind = 'receivable') as incoming,
      (select sum(settled)::float8 from accounts where kind = 'receivable') as paid,
      (select sum(price)::float8 from statements) as statements,
      (select coalesce(sum(d.copayment), 0)::float8 from deliveries d join referrals r on r.id = d.referral_id
        join matches m on m.id = r.match_id where m.program_id is null and d.state <> 'annulled') as private`,
  )
  const { received, incoming, paid, statements, private: alone } = sums!
  console.log(
    `  providers received ${twd(received)}, of it ${twd(paid)} by statements and ${twd(alone)} from residents who pay alone`,
  )
  if (incoming !== 0 || paid !== statements || received !== paid + alone) {
    throw new Error(`Providers: ${JSON.stringify(sums)}`)
  }
}

/** Each wallet of each month: what came in less what went out is what is left, and what was spent was delivered. */
async function balanceResidents(stage: Stage): Promise<void> {
  let statements = 0
  let lines = 0
  const spentBy = new Map<string, number>()
  for (const { id: residentId } of stage.people) {
    const { items } = await listWallets(stage.partner, { residentId, limit: 100 })
    for (const { period } of items) {
      const statement = await getWalletStatement(stage.partner, { residentId, period })
      const { putIn, carriedIn, carriedOut, erased, held, spent, available } = statement.sums
      const { wallet } = statement
      const adds =
        putIn + carriedIn - carriedOut - erased - held - spent === available &&
        available === wallet.limit - wallet.held - wallet.spent &&
        spent === wallet.spent &&
        held === 0
      if (!adds) throw new Error(`The statement of ${residentId} for ${period} does not add up.`)
      spentBy.set(residentId, (spentBy.get(residentId) ?? 0) + spent)
      statements++
      lines += statement.lines.length
    }
  }
  const delivered = await all<{ id: string; copayment: number }>(
    stage,
    sql`select r.resident_id as id, sum(d.copayment)::float8 as copayment from deliveries d
      join referrals r on r.id = d.referral_id where d.state <> 'annulled' group by r.resident_id`,
  )
  for (const { id, copayment } of delivered) {
    if (spentBy.get(id) !== copayment) throw new Error(`${id} paid ${spentBy.get(id)} for ${copayment}.`)
  }
  console.log(`  ${statements} statements of ${stage.people.length} residents with ${lines} lines add up`)
}
