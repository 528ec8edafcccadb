/** The month's money: settled by whom it belongs to, refused to everybody else. */

import { settlePeriod } from '../../src/features/settlement/settle-period.ts'
import { Refusal } from '../../src/platform/errors.ts'
import { formatMoney } from '../../src/platform/money.ts'
import type { Stage } from './stage.ts'

/** @param due programs with the months that may be settled, the earliest first. */
export async function settleMonth(
  stage: Stage,
  programIds: readonly string[],
  period: string,
): Promise<void> {
  for (const programId of programIds) {
    await mustRefuse(() => settlePeriod(stage.finance, { programId, period }), 'duty_conflict')
    const { price, subsidy, copayment } = await settlePeriod(stage.treasurer, { programId, period })
    await mustRefuse(() => settlePeriod(stage.treasurer, { programId, period }), 'duplicate')
    if (price === 0) continue
    const money = [price, subsidy, copayment].map((amount) => formatMoney(amount, 'TWD'))
    console.log(`  settled ${period}: ${money[0]} = ${money[1]} of the fund + ${money[2]} of residents`)
  }
}

export async function mustRefuse(work: () => Promise<unknown>, code: string): Promise<void> {
  const refusal = await work().then(
    () => null,
    (error: unknown) => error,
  )
  if (refusal instanceof Refusal && refusal.code === code) return
  throw new Error(`It should have been refused (${code}), and was ${refusal ? String(refusal) : 'done'}.`)
}
