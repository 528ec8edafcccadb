import { stringify } from 'csv-stringify/sync'
import type { Context } from '../../platform/context.ts'
import { permit } from '../identity/permissions.ts'
import { getStatement } from './get-statement.ts'
import { readLines } from './list-statement-lines.ts'

const COLUMNS = ['id', 'deliveryId', 'matchId', 'kind', 'units', 'price', 'subsidy', 'copayment'] as const

const BATCH = 2000

/**
 * A statement's lines as the text of a CSV file, part by part: amounts in minor units, the sums in the last row.
 * @throws Refusal `not_found` for a statement beyond the actor's reach, before the first part.
 */
export async function exportStatementLines(
  ctx: Context,
  statementId: string,
): Promise<AsyncIterable<string>> {
  permit(ctx, 'settlement.read')
  const { price, subsidy, copayment } = await getStatement(ctx, statementId)
  return textOf(ctx, statementId, ['sum', '', '', '', '', price, subsidy, copayment])
}

async function* textOf(
  ctx: Context,
  statementId: string,
  sums: readonly (string | number)[],
): AsyncGenerator<string> {
  yield stringify([[...COLUMNS]])
  let after: string | undefined
  for (;;) {
    const lines = await readLines(ctx, statementId, BATCH, after)
    yield stringify(lines.map((line) => COLUMNS.map((name) => line[name])))
    after = lines.at(-1)?.id
    if (lines.length < BATCH) break
  }
  yield stringify([sums])
}
