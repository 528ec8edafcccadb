/** From the snapshot to the engine's numbers: every scarce thing becomes an account. */
import { createProblemBuilder, type Problem, type ProblemBuilder, type Uses } from '../../engine/problem.ts'
import type { Barrier, ChangeKind } from './barriers.ts'
import { countFloors, openFloor, type RunFloor } from './floors.ts'
import { capLeft, createOptionFinder, type NeedOptions, type Option } from './options.ts'
import type { Snapshot, SnapshotNeed, SnapshotResident } from './snapshot.ts'

export interface BuiltProblem {
  problem: Problem
  /** By the engine's need index. */
  needs: { need: SnapshotNeed; resident: SnapshotResident; found: NeedOptions }[]
  /** By the engine's option index. */
  options: Option[]
  /** By the engine's index of shared accounts. */
  kindOfAccount: ('fund' | 'capacity' | 'staff_time' | 'floor')[]
  /** Needs whose matches reviewers keep: no part of the problem, and of its figures. */
  kept: { need: SnapshotNeed; resident: SnapshotResident }[]
  /** The policy's fairness floors, each with the shared account that stands for it; null where nothing is left to ask. */
  floors: (RunFloor & { account: number | null })[]
  /** Need → the places of the floors whose group it is of. */
  floorsOfNeed: readonly (readonly number[])[]
}

/**
 * Options use shared accounts (capacity, staff time, fund; named by account id) and private ones of the resident
 * (`wallet`, and one cap per program that has one). A fairness floor is a shared account too: every option of the
 * group's needs uses one unit of it, there are as many as needs, and so many must be used. Residents, needs and options keep the snapshot's order, so the
 * same snapshot always builds the same problem.
 */
export function buildProblem(snapshot: Snapshot): BuiltProblem {
  const finder = createOptionFinder(snapshot)
  const needsOf = needsByResident(snapshot.needs)
  const all = snapshot.residents.flatMap((resident) =>
    (needsOf.get(resident.id) ?? []).map((need) => ({ need, resident })),
  )
  const needs = all
    .filter(({ need }) => !need.pinned)
    .map(({ need, resident }) => ({ need, resident, found: finder.optionsOf(need, resident) }))
  const kept = all.filter(({ need }) => need.pinned)
  return assemble(snapshot, { needs, kept }, () => [])
}

/** A problem with options besides those that are there: the ones that a single change would make. */
export interface WidenedProblem extends BuiltProblem {
  /** The kind and the barrier of private accounts that stand for what is no account; by the engine's index. */
  gates: Map<number, Barrier>
}

/**
 * The problem again, some needs with near options after their own. What is missing of an account is missing here too.
 * What is no account (a longer walk, another rule) is a private account with nothing in it: no solution can use it, and
 * asking which account should have been larger asks about it like about money.
 *
 * Needs, shared accounts and each need's own options keep their order.
 */
export function widenProblem(
  snapshot: Snapshot,
  built: BuiltProblem,
  nearOf: (need: number) => readonly NearOption[],
): WidenedProblem {
  return assemble(snapshot, built, nearOf)
}

/** An option that is not there yet. */
export interface NearOption {
  option: Option
  /** The one thing besides accounts that keeps it from being one; null where only accounts do. */
  barrier: Barrier | null
}

function assemble(
  snapshot: Snapshot,
  { needs, kept }: Pick<BuiltProblem, 'needs' | 'kept'>,
  nearOf: (need: number) => readonly NearOption[],
): WidenedProblem {
  const builder = createProblemBuilder()
  const { accounts, kindOfAccount } = sharedAccounts(builder, snapshot)
  const { floors, floorsOfNeed } = floorAccounts(builder, snapshot, { needs, kept })
  for (const { account } of floors) if (account !== null) kindOfAccount.push('floor')
  const options: Option[] = []
  const gates = new Map<number, Barrier>()
  for (const own of groupByResident(needs.entries())) {
    const { resident } = own[0]![1]
    builder.resident(resident.id)
    const waysOf = own.map(([at, { found }]) => [...found.options.map(isOpen), ...nearOf(at)])
    const privates = privateAccounts(builder, snapshot, resident, waysOf.flat())
    for (const [index, [at, { need }]] of own.entries()) {
      builder.need(need.id)
      for (const { option, barrier } of waysOf[index]!) {
        const passage = barrier ? passageOf(builder, need, option, barrier, privates, gates) : []
        const towards = { shared: usesOfFloors(floors, floorsOfNeed[at]!), own: passage }
        addOption(builder, need, option, accounts, privates, towards)
        options.push(option)
      }
    }
  }
  return { problem: builder.build(), needs, options, kindOfAccount, kept, floors, floorsOfNeed, gates }
}

/** Opens the floors' accounts, after all others: those keep their numbers whatever the policy asks for. */
function floorAccounts(
  builder: ProblemBuilder,
  snapshot: Snapshot,
  { needs, kept }: Pick<BuiltProblem, 'needs' | 'kept'>,
): Pick<BuiltProblem, 'floors' | 'floorsOfNeed'> {
  const open = needs.map(({ need, resident, found }) => ({ need, resident, options: found.options.length }))
  const { floors, floorsOfNeed } = countFloors(snapshot, open, kept)
  const opened = floors.map((floor, place) => {
    const least = openFloor(floor)
    return { ...floor, account: least > 0 ? builder.account(`floor ${place}`, floor.needs, least) : null }
  })
  return { floors: opened, floorsOfNeed }
}

function usesOfFloors(floors: BuiltProblem['floors'], places: readonly number[]): Uses {
  return places.flatMap((place): Uses => {
    const { account } = floors[place]!
    return account === null ? [] : [[account, 1]]
  })
}

const isOpen = (option: Option): NearOption => ({ option, barrier: null })

/** What an option takes of its barrier's gate, which is opened where the resident has none of that name yet. */
function passageOf(
  builder: ProblemBuilder,
  need: SnapshotNeed,
  option: Option,
  barrier: Barrier,
  privates: Map<string, number>,
  gates: Map<number, Barrier>,
): Uses {
  const name = gateOf(need, option, barrier)
  let gate = privates.get(name)
  if (gate === undefined) {
    gate = builder.privateAccount(name, 0)
    privates.set(name, gate)
    gates.set(gate, barrier)
  }
  return [[gate, barrier.by ?? 1]]
}

/** What belongs to the offering, so that each has its own. */
const OF_OFFERING: ReadonlySet<ChangeKind> = new Set(['rule', 'place'])

/** The private account that stands for a barrier: one for all options that it bars. */
function gateOf(need: SnapshotNeed, { offering }: Option, { kind, by, fact }: Barrier): string {
  const isOwn = OF_OFFERING.has(kind) || (kind === 'reach' && by === null)
  const bars = isOwn ? offering.id : kind === 'reach' ? offering.mode : (fact ?? '')
  return `${kind} ${need.id} ${bars}`
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

function needsByResident(needs: readonly SnapshotNeed[]): Map<string, SnapshotNeed[]> {
  const groups = new Map<string, SnapshotNeed[]>()
  for (const need of needs) {
    const group = groups.get(need.residentId)
    if (group) group.push(need)
    else groups.set(need.residentId, [need])
  }
  return groups
}

type NeedEntry = [number, BuiltProblem['needs'][number]]

/** Needs with their numbers, those of one resident together: they stand together already. */
function groupByResident(entries: Iterable<NeedEntry>): NeedEntry[][] {
  const groups: NeedEntry[][] = []
  for (const entry of entries) {
    const last = groups.at(-1)
    if (last && last[0]![1].resident === entry[1].resident) last.push(entry)
    else groups.push([entry])
  }
  return groups
}

function privateAccounts(
  builder: ProblemBuilder,
  snapshot: Snapshot,
  resident: SnapshotResident,
  ways: readonly { option: Option }[],
): Map<string, number> {
  const accounts = new Map<string, number>()
  accounts.set('wallet', builder.privateAccount('wallet', resident.wallet?.available ?? 0))
  for (const {
    option: { program },
  } of ways) {
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
  towards: { shared: Uses; own: Uses },
): void {
  const { offering, program } = option
  const uses: [number, number][] = [[accounts.get(offering.capacity.accountId)!, need.quantity]]
  if (offering.staffTime) {
    uses.push([accounts.get(offering.staffTime.accountId)!, need.quantity * offering.staffMinutesPerUnit])
  }
  if (program) uses.push([accounts.get(program.fund.accountId)!, option.subsidy])
  uses.push(...(towards.shared as [number, number][]))
  const cap = program ? privates.get(program.id) : undefined
  const privateUses: Uses = [
    [privates.get('wallet')!, option.copayment],
    ...(cap === undefined ? [] : ([[cap, option.subsidy]] as const)),
    ...towards.own,
  ]
  builder.option(`${offering.id} ${program?.id ?? 'self'}`, option.utility, uses, privateUses)
}
