/** From the snapshot to the engine's numbers: every scarce thing becomes an account. */
import { createProblemBuilder, type Problem, type ProblemBuilder, type Uses } from '../../engine/problem.ts'
import { capLeft, createOptionFinder, type NeedOptions, type Option } from './options.ts'
import type { Snapshot, SnapshotNeed, SnapshotResident } from './snapshot.ts'

export interface BuiltProblem {
  problem: Problem
  /** By the engine's need index. */
  needs: { need: SnapshotNeed; resident: SnapshotResident; found: NeedOptions }[]
  /** By the engine's option index. */
  options: Option[]
  /** By the engine's index of shared accounts. */
  kindOfAccount: ('fund' | 'capacity' | 'staff_time')[]
}

/**
 * Options use shared accounts (capacity, staff time, fund; named by account id) and private ones of the resident
 * (`wallet`, and one cap per program that has one). Residents, needs and options keep the snapshot's order, so the
 * same snapshot always builds the same problem.
 */
export function buildProblem(snapshot: Snapshot): BuiltProblem {
  const builder = createProblemBuilder()
  const { accounts, kindOfAccount } = sharedAccounts(builder, snapshot)
  const finder = createOptionFinder(snapshot)
  const needsOf = groupByResident(snapshot.needs)
  const needs: BuiltProblem['needs'] = []
  const options: Option[] = []
  for (const resident of snapshot.residents) {
    const own = needsOf.get(resident.id) ?? []
    if (own.length === 0) continue
    builder.resident(resident.id)
    const found = own.map((need) => finder.optionsOf(need, resident))
    const privates = privateAccounts(builder, snapshot, resident, found)
    for (const [index, need] of own.entries()) {
      builder.need(need.id)
      needs.push({ need, resident, found: found[index]! })
      for (const option of found[index]!.options) {
        addOption(builder, need, option, accounts, privates)
        options.push(option)
      }
    }
  }
  return { problem: builder.build(), needs, options, kindOfAccount }
}

function sharedAccounts(builder: ProblemBuilder, snapshot: Snapshot) {
  const accounts = new Map<string, number>()
  const kindOfAccount: BuiltProblem['kindOfAccount'] = []
  const add = (
    kind: (typeof kindOfAccount)[number],
    account: { accountId: string; available: number } | null,
  ) => {
    if (!account || accounts.has(account.accountId)) return
    accounts.set(account.accountId, builder.account(account.accountId, account.available))
    kindOfAccount.push(kind)
  }
  for (const program of snapshot.programs) add('fund', program.fund)
  for (const offering of snapshot.offerings) {
    add('capacity', offering.capacity)
    add('staff_time', offering.staffTime)
  }
  return { accounts, kindOfAccount }
}

function groupByResident(needs: SnapshotNeed[]): Map<string, SnapshotNeed[]> {
  const groups = new Map<string, SnapshotNeed[]>()
  for (const need of needs) {
    const group = groups.get(need.residentId)
    if (group) group.push(need)
    else groups.set(need.residentId, [need])
  }
  return groups
}

function privateAccounts(
  builder: ProblemBuilder,
  snapshot: Snapshot,
  resident: SnapshotResident,
  found: NeedOptions[],
): Map<string, number> {
  const accounts = new Map<string, number>()
  accounts.set('wallet', builder.privateAccount('wallet', resident.wallet?.available ?? 0))
  for (const { program } of found.flatMap(({ options }) => options)) {
    if (!program || accounts.has(program.id)) continue
    const cap = capLeft(snapshot, program, resident)
    if (cap !== null) accounts.set(program.id, builder.privateAccount(program.id, cap))
  }
  return accounts
}

function addOption(
  builder: ProblemBuilder,
  need: SnapshotNeed,
  option: Option,
  accounts: Map<string, number>,
  privates: Map<string, number>,
): void {
  const { offering, program } = option
  const uses: [number, number][] = [[accounts.get(offering.capacity.accountId)!, need.quantity]]
  if (offering.staffTime) {
    uses.push([accounts.get(offering.staffTime.accountId)!, need.quantity * offering.staffMinutesPerUnit])
  }
  if (program) uses.push([accounts.get(program.fund.accountId)!, option.subsidy])
  const cap = program ? privates.get(program.id) : undefined
  const privateUses: Uses = [
    [privates.get('wallet')!, option.copayment],
    ...(cap === undefined ? [] : ([[cap, option.subsidy]] as const)),
  ]
  builder.option(`${offering.id} ${program?.id ?? 'self'}`, option.utility, uses, privateUses)
}
