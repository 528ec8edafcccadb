import type { TransactionContext } from '../../platform/context.ts'
import { chunks } from '../../platform/db/chunks.ts'
import { rowsFrom } from '../../platform/db/rows-from.ts'
import type { ProgramRow } from '../programs/create-program.ts'
import type { Due, DueRow } from './due-deliveries.ts'
import { settlements, statementLines, statements } from './tables.ts'

export type SettlementRow = typeof settlements.$inferSelect

type Line = Omit<typeof statementLines.$inferInsert, 'id' | 'statementId'> & { providerId: string }

/** Minor units: price = subsidy + copayment. */
interface Sums {
  price: number
  subsidy: number
  copayment: number
}

/** Writes a settlement whole: a line for each delivery and each correction, a statement for each provider, the sums. */
export async function writeStatements(
  ctx: TransactionContext,
  { id: programId, organizationId, currency }: Pick<ProgramRow, 'id' | 'organizationId' | 'currency'>,
  { period, due }: { period: string; due: Due },
): Promise<SettlementRow> {
  const lines = [
    ...due.deliveries.map((row) => lineOf(row, 'delivery', 1)),
    ...due.corrections.map((row) => lineOf(row, 'correction', -1)),
  ]
  const of = { programId, period, organizationId, currency, settledBy: ctx.actor.principalId }
  const [settlement] = await ctx.tx
    .insert(settlements)
    .values({ id: ctx.newId(), ...of, ...sumsOf(lines), createdAt: ctx.clock() })
    .returning()
  for (const [providerId, own] of byProvider(lines)) {
    const statementId = ctx.newId()
    const statement = { id: statementId, settlementId: settlement!.id, providerId, lines: own.length }
    await ctx.tx.insert(statements).values({ ...statement, ...sumsOf(own) })
    for (const chunk of chunks(own)) {
      const rows = chunk.map((line) => ({ ...line, id: ctx.newId(), statementId }))
      await ctx.tx.insert(statementLines).select(rowsFrom(statementLines, rows))
    }
  }
  return settlement!
}

function lineOf(
  { id, matchId, providerId, units, subsidy, copayment }: DueRow,
  kind: 'delivery' | 'correction',
  sign: 1 | -1,
): Line {
  // Adding zero keeps a sign turned on nothing from being minus zero.
  const signed = (amount: number) => sign * amount + 0
  return {
    deliveryId: id,
    matchId,
    providerId,
    kind,
    units: signed(units),
    price: signed(subsidy + copayment),
    subsidy: signed(subsidy),
    copayment: signed(copayment),
  }
}

function sumsOf(lines: readonly Sums[]): Sums {
  const sums = { price: 0, subsidy: 0, copayment: 0 }
  for (const { price, subsidy, copayment } of lines) {
    sums.price += price
    sums.subsidy += subsidy
    sums.copayment += copayment
  }
  return sums
}

/** In order of the providers' ids, so that the same month is written in the same order. */
function byProvider(lines: readonly Line[]): [string, Line[]][] {
  const groups = new Map<string, Line[]>()
  for (const line of lines) {
    const own = groups.get(line.providerId)
    if (own) own.push(line)
    else groups.set(line.providerId, [line])
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1))
}
