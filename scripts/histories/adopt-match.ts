/** A match that the code made, taken into the model if the rules would have allowed it. */
import type { ModelMatch } from './model.ts'
import type { FoundMatch } from './observe.ts'
import type { History } from './plan.ts'
import { OFFERINGS, TERMS } from './small-world.ts'

/**
 * @param capsBefore what each resident's cap still allowed when options were looked for.
 * @throws Error where it breaks a rule: another kind, another price or split, more than there is.
 */
export function adoptMatch(
  { model, world }: History,
  row: FoundMatch,
  { state, capsBefore }: { state: ModelMatch['state']; capsBefore: ReadonlyMap<string, number> },
): ModelMatch {
  const offering = world.offeringIds.indexOf(row.offeringId)
  const { term, price } = OFFERINGS[offering]!
  const need = model.needs.get(row.needId)!
  const paid = row.programId !== null
  const whole = price * need.quantity
  const capLeft = capsBefore.get(row.residentId)!
  const share = Math.floor((whole * TERMS.subsidyShare + 5000) / 10_000)
  const subsidy = paid ? Math.min(share, capLeft) : 0
  const wrong = [
    need.term !== term && 'it is of another kind',
    !['registered', 'unmet'].includes(need.state) && `the need is ${need.state}`,
    paid && model.program !== 'open' && `the program is ${model.program}`,
    row.quantity !== need.quantity && 'another quantity',
    row.price !== whole && `the price is ${row.price}, not ${whole}`,
    row.subsidy !== subsidy && `the subsidy is ${row.subsidy}, not ${subsidy}`,
    row.copayment !== whole - subsidy && 'the copayment does not add up',
    model.left('fund') < row.subsidy && 'the fund does not have it',
    model.left(`wallet ${row.residentId}`) < row.copayment && 'the wallet does not have it',
    model.left(`capacity ${offering}`) < row.quantity && 'there are no places',
  ].filter(Boolean)
  if (wrong.length > 0) throw new Error(`A match that must not be: ${wrong.join(', ')}.`)
  need.state = 'matched'
  const match: ModelMatch = {
    id: row.id,
    needId: row.needId,
    residentId: row.residentId,
    offering,
    paid,
    quantity: row.quantity,
    state,
    runId: row.runId,
    pinned: false,
    open: {
      fund: row.subsidy,
      wallet: row.copayment,
      cap: row.subsidy,
      capacity: row.quantity,
    },
  }
  model.hold(match)
  return match
}
