import { type Assignment, fits } from './assignment.ts'
import { amountColumn, indexColumn } from './column.ts'
import { type ProblemRows, residentCount } from './problem.ts'

/** What is still open of a problem: a smaller problem, and where its rows came from. */
export interface Residual {
  /** Unmet needs and the options that still fit; the limits are what is left. */
  readonly rows: ProblemRows
  /** Need of `rows` → need of the whole problem. */
  readonly needs: Int32Array
  /** Option of `rows` → option of the whole problem. */
  readonly options: Int32Array
}

/**
 * The residual problem of an assignment: every unmet need with the options that still fit on their
 * own. Shared accounts keep their numbers, so prices carry over.
 *
 * With the empty assignment this is the presolve: an option that does not fit into the empty accounts is
 * part of no feasible assignment, so dropping it keeps every bound valid and makes it tighter.
 */
export function residual(rows: ProblemRows, assignment: Assignment): Residual {
  const draft = emptyDraft()
  for (let resident = 0; resident < residentCount(rows); resident++) {
    const before = draft.needs.length
    const last = rows.residentNeeds[resident + 1]!
    for (let need = rows.residentNeeds[resident]!; need < last; need++) {
      if (assignment.choice[need]! >= 0) continue
      copyNeed(draft, rows, assignment, need, resident)
    }
    if (draft.needs.length > before) closeResident(draft, rows, assignment, resident, before)
  }
  return finish(draft, rows, assignment)
}

const emptyDraft = () => ({
  needs: indexColumn(),
  options: indexColumn(),
  privateLimits: amountColumn(),
  residentAccounts: indexColumn(),
  residentNeeds: indexColumn(),
  needOptions: indexColumn(),
  utilities: amountColumn(),
  optionUses: indexColumn(),
  useAccounts: indexColumn(),
  useAmounts: amountColumn(),
  optionPrivateUses: indexColumn(),
  privateUseAccounts: indexColumn(),
  privateUseAmounts: amountColumn(),
})
type Draft = ReturnType<typeof emptyDraft>

function copyNeed(
  draft: Draft,
  rows: ProblemRows,
  assignment: Assignment,
  need: number,
  resident: number,
): void {
  const before = draft.options.length
  const last = rows.needOptions[need + 1]!
  for (let option = rows.needOptions[need]!; option < last; option++) {
    if (fits(rows, assignment, option)) copyOption(draft, rows, option, rows.residentAccounts[resident]!)
  }
  if (draft.options.length === before) return
  draft.needs.push(need)
  draft.needOptions.push(before)
}

function copyOption(draft: Draft, rows: ProblemRows, option: number, firstPrivate: number): void {
  draft.options.push(option)
  draft.utilities.push(rows.utilities[option]!)
  draft.optionUses.push(draft.useAccounts.length)
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    draft.useAccounts.push(rows.useAccounts[use]!)
    draft.useAmounts.push(rows.useAmounts[use]!)
  }
  draft.optionPrivateUses.push(draft.privateUseAccounts.length)
  const shift = draft.privateLimits.length - firstPrivate
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    draft.privateUseAccounts.push(rows.privateUseAccounts[use]! + shift)
    draft.privateUseAmounts.push(rows.privateUseAmounts[use]!)
  }
}

function closeResident(
  draft: Draft,
  rows: ProblemRows,
  assignment: Assignment,
  resident: number,
  firstNeed: number,
): void {
  draft.residentNeeds.push(firstNeed)
  draft.residentAccounts.push(draft.privateLimits.length)
  const last = rows.residentAccounts[resident + 1]!
  for (let account = rows.residentAccounts[resident]!; account < last; account++) {
    draft.privateLimits.push(assignment.privateRoom[account]!)
  }
}

/** What is still asked of every account beside what the assignment uses. */
function openFloors({ floors, limits }: ProblemRows, { room }: Assignment): Float64Array {
  return Float64Array.from(floors, (floor, k) => Math.max(0, floor - (limits[k]! - room[k]!)))
}

function finish(draft: Draft, whole: ProblemRows, assignment: Assignment): Residual {
  draft.residentNeeds.push(draft.needs.length)
  draft.residentAccounts.push(draft.privateLimits.length)
  draft.needOptions.push(draft.options.length)
  draft.optionUses.push(draft.useAccounts.length)
  draft.optionPrivateUses.push(draft.privateUseAccounts.length)
  const rows: ProblemRows = {
    limits: Float64Array.from(assignment.room),
    floors: openFloors(whole, assignment),
    privateLimits: draft.privateLimits.trimmed(),
    residentAccounts: draft.residentAccounts.trimmed(),
    residentNeeds: draft.residentNeeds.trimmed(),
    needOptions: draft.needOptions.trimmed(),
    utilities: draft.utilities.trimmed(),
    optionUses: draft.optionUses.trimmed(),
    useAccounts: draft.useAccounts.trimmed(),
    useAmounts: draft.useAmounts.trimmed(),
    optionPrivateUses: draft.optionPrivateUses.trimmed(),
    privateUseAccounts: draft.privateUseAccounts.trimmed(),
    privateUseAmounts: draft.privateUseAmounts.trimmed(),
  }
  return { rows, needs: draft.needs.trimmed(), options: draft.options.trimmed() }
}
