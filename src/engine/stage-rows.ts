import { amountColumn, indexColumn } from './column.ts'
import { needCount, type Problem, type ProblemRows } from './problem.ts'

/** One stage of a staged problem, a problem by itself. */
export interface StageRows {
  /**
   * Residents, needs and private accounts of the whole problem. Behind its shared accounts comes one for every
   * earlier stage, which the options of that stage use for as much as they are worth.
   */
  readonly rows: ProblemRows
  /** Option of `rows` → option of the whole problem, ascending. */
  readonly options: Int32Array
}

/** The problem of a stage, with the ids to write it to a file. Arguments as for `stageRows`. */
export function stageProblem(
  problem: Problem,
  stageOfNeed: ArrayLike<number>,
  stage: number,
  kept: readonly number[],
): Problem {
  const { rows, options } = stageRows(problem, stageOfNeed, stage, kept)
  const { names } = problem
  const accounts = [...names.accounts]
  for (let earlier = 0; earlier < stage; earlier++) {
    let id = `stage:${earlier}`
    while (names.accounts.includes(id)) id += "'"
    accounts.push(id)
  }
  const optionNames = Array.from(options, (option) => names.options.at(option)!)
  return { ...rows, names: { ...names, accounts, options: optionNames } }
}

/**
 * The problem of one stage: only the needs of this stage have utility, and every earlier stage must keep a
 * total utility of at least `kept` (one entry for each), the floor of its account.
 *
 * An option that has no utility here and uses no account with a floor is left out: without it an assignment
 * is worth as much and every limit and floor still holds. So the needs of later stages stand aside, unless
 * they help to meet a floor, and this stage's optimum is the one that it has with all needs present.
 */
export function stageRows(
  rows: ProblemRows,
  stageOfNeed: ArrayLike<number>,
  stage: number,
  kept: readonly number[],
): StageRows {
  const draft = emptyDraft(rows, stageOfNeed, stage, kept)
  for (let need = 0; need < needCount(rows); need++) {
    draft.needOptions.push(draft.options.length)
    const last = rows.needOptions[need + 1]!
    for (let option = rows.needOptions[need]!; option < last; option++) {
      addOption(draft, rows, option, stageOfNeed[need]!)
    }
  }
  return finish(draft, rows)
}

function emptyDraft(
  rows: ProblemRows,
  stageOfNeed: ArrayLike<number>,
  stage: number,
  kept: readonly number[],
) {
  const limits = amountColumn()
  const floors = amountColumn()
  for (let account = 0; account < rows.limits.length; account++) {
    limits.push(rows.limits[account]!)
    floors.push(rows.floors[account]!)
  }
  const most = mostOfStages(rows, stageOfNeed)
  for (let earlier = 0; earlier < stage; earlier++) {
    limits.push(most[earlier] ?? 0)
    floors.push(kept[earlier]!)
  }
  return {
    stage,
    limits: limits.trimmed(),
    floors: floors.trimmed(),
    options: indexColumn(),
    needOptions: indexColumn(),
    utilities: amountColumn(),
    optionUses: indexColumn(),
    useAccounts: indexColumn(),
    useAmounts: amountColumn(),
    optionPrivateUses: indexColumn(),
    privateUseAccounts: indexColumn(),
    privateUseAmounts: amountColumn(),
  }
}
type Draft = ReturnType<typeof emptyDraft>

/** Every stage's sum of its needs' best utilities: limits that bind nobody. */
function mostOfStages(rows: ProblemRows, stageOfNeed: ArrayLike<number>): number[] {
  const most: number[] = []
  for (let need = 0; need < needCount(rows); need++) {
    let best = 0
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++) {
      if (rows.utilities[option]! > best) best = rows.utilities[option]!
    }
    const stage = stageOfNeed[need]!
    most[stage] = (most[stage] ?? 0) + best
  }
  return most
}

function addOption(draft: Draft, rows: ProblemRows, option: number, ownStage: number): void {
  const { stage, useAccounts, useAmounts } = draft
  const worth = rows.utilities[option]!
  // The account of an earlier stage, if that is whose need this is.
  const account = ownStage < stage && worth > 0 ? rows.limits.length + ownStage : -1
  const helps = (account >= 0 && draft.floors[account]! > 0) || meetsFloor(rows, option)
  if (!helps && (ownStage !== stage || worth === 0)) return
  draft.options.push(option)
  draft.utilities.push(ownStage === stage ? worth : 0)
  draft.optionUses.push(useAccounts.length)
  const lastUse = rows.optionUses[option + 1]!
  for (let use = rows.optionUses[option]!; use < lastUse; use++) {
    useAccounts.push(rows.useAccounts[use]!)
    useAmounts.push(rows.useAmounts[use]!)
  }
  if (account >= 0) {
    useAccounts.push(account)
    useAmounts.push(worth)
  }
  draft.optionPrivateUses.push(draft.privateUseAccounts.length)
  const lastPrivate = rows.optionPrivateUses[option + 1]!
  for (let use = rows.optionPrivateUses[option]!; use < lastPrivate; use++) {
    draft.privateUseAccounts.push(rows.privateUseAccounts[use]!)
    draft.privateUseAmounts.push(rows.privateUseAmounts[use]!)
  }
}

function meetsFloor({ floors, optionUses, useAccounts }: ProblemRows, option: number): boolean {
  for (let use = optionUses[option]!; use < optionUses[option + 1]!; use++) {
    if (floors[useAccounts[use]!]! > 0) return true
  }
  return false
}

function finish(draft: Draft, whole: ProblemRows): StageRows {
  draft.needOptions.push(draft.options.length)
  draft.optionUses.push(draft.useAccounts.length)
  draft.optionPrivateUses.push(draft.privateUseAccounts.length)
  const rows: ProblemRows = {
    limits: draft.limits,
    floors: draft.floors,
    privateLimits: whole.privateLimits,
    residentAccounts: whole.residentAccounts,
    residentNeeds: whole.residentNeeds,
    needOptions: draft.needOptions.trimmed(),
    utilities: draft.utilities.trimmed(),
    optionUses: draft.optionUses.trimmed(),
    useAccounts: draft.useAccounts.trimmed(),
    useAmounts: draft.useAmounts.trimmed(),
    optionPrivateUses: draft.optionPrivateUses.trimmed(),
    privateUseAccounts: draft.privateUseAccounts.trimmed(),
    privateUseAmounts: draft.privateUseAmounts.trimmed(),
  }
  return { rows, options: draft.options.trimmed() }
}
