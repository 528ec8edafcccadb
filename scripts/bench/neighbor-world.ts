/**
 * A few needs of a solved snapshot, solved again to the optimum while everybody else keeps what they have. Options are
 * looked for anew and limits reckoned from the snapshot, not from the problem that was solved before.
 */
import { createRequire } from 'node:module'
import { createProblemBuilder, type Problem, rowsOf } from '../../src/engine/problem.ts'
import type { BuiltProblem } from '../../src/features/matching/build-problem.ts'
import {
  capLeft,
  createOptionFinder,
  type Option,
  optionsAmong,
} from '../../src/features/matching/options.ts'
import type { Snapshot } from '../../src/features/matching/snapshot.ts'
import { type Change, type Scene, withChange } from './changed-need.ts'
import { type HighsReply, readHighsReply } from './highs.ts'
import { lpModel } from './lp-model.ts'

export interface NeighborWorld {
  /**
   * Whether every best assignment serves the first of the members under the change.
   * @param by how much of it; null = none at all.
   */
  meets(members: readonly number[], change: Change, missed: Option, by: number | null): boolean
}

type Loader = () => Promise<{ solve(model: string, options: Record<string, unknown>): HighsReply }>

let loading: ReturnType<Loader> | undefined

/** Kinds of change that everybody can make use of, and those that all needs of the resident share. */
const FOR_ALL = new Set(['fund', 'capacity', 'staff_time'])
const OF_RESIDENT = new Set(['wallet', 'subsidy_cap'])

/** As far as a walk may be lengthened. */
const FAR = { minutes: 240 }

export async function createNeighborWorld(
  snapshot: Snapshot,
  built: BuiltProblem,
  choice: Int32Array,
): Promise<NeighborWorld> {
  loading ??= (createRequire(import.meta.url)('highs') as Loader)()
  const highs = await loading
  const { candidatesOf } = createOptionFinder(snapshot)
  const chosenOf = (need: number): Option | undefined => built.options[choice[need]!]
  const needsOfResident = indexResidents(built)

  const endless = (given: Snapshot): Snapshot => ({
    ...given,
    policy: { ...given.policy, optionsPerNeed: Number.POSITIVE_INFINITY },
  })

  /** A member with the options it has, in the scene it is in. */
  const seen = (member: number, scene: Scene): Member => {
    const { need, resident } = built.needs[member]!
    const offerings = new Map(scene.snapshot.offerings.map((offering) => [offering.id, offering]))
    const candidates = candidatesOf(need, resident, FAR).map(({ id }) => offerings.get(id)!)
    const { options } = optionsAmong(endless(scene.snapshot), scene.need, scene.resident, candidates, 0)
    // The policy keeps the best options of a need; what the change adds is kept beside them.
    const before = candidatesOf(need, resident)
    const kept = namesOf(optionsAmong(snapshot, need, resident, before, 0).options)
    const known = namesOf(optionsAmong(endless(snapshot), need, resident, before, 0).options)
    return {
      member,
      scene,
      options: options.filter((one) => kept.has(nameOf(one)) || !known.has(nameOf(one))),
    }
  }

  const best = (members: readonly Member[], without: number | null): number => {
    const problem = assemble(members, without, { built, chosenOf, needsOfResident })
    if (problem.utilities.length === 0) return 0
    const reply = highs.solve(lpModel(rowsOf(problem)), { mip_rel_gap: 0, mip_abs_gap: 0 })
    const { chosen } = readHighsReply(reply)
    return (chosen ?? []).reduce((sum, option) => sum + problem.utilities[option]!, 0)
  }

  return {
    meets(numbers, change, missed, by) {
      const [asked] = numbers
      const base = (member: number): Scene => ({ snapshot, ...built.needs[member]! })
      const changed = (scene: Scene) => (by === null ? scene : withChange(scene, change, missed, by))
      const members = numbers.map((member) => {
        const isResident = built.needs[member]!.resident === built.needs[asked!]!.resident
        const isIn =
          member === asked || FOR_ALL.has(change.kind) || (OF_RESIDENT.has(change.kind) && isResident)
        return seen(member, isIn ? changed(base(member)) : base(member))
      })
      return best(members, null) > best(members, asked!)
    },
  }
}

interface Member {
  member: number
  scene: Scene
  options: Option[]
}

interface Others {
  built: BuiltProblem
  chosenOf(need: number): Option | undefined
  needsOfResident: ReadonlyMap<string, number[]>
}

const nameOf = ({ offering, program }: Option) => `${offering.id} ${program?.id ?? 'self'}`
const namesOf = (options: readonly Option[]) => new Set(options.map(nameOf))

function indexResidents({ needs }: BuiltProblem): Map<string, number[]> {
  const numbers = new Map<string, number[]>()
  for (const [number, { resident }] of needs.entries()) {
    numbers.set(resident.id, [...(numbers.get(resident.id) ?? []), number])
  }
  return numbers
}

/** The members' problem: what others hold is gone from every account. `without` may hold nothing. */
function assemble(members: readonly Member[], without: number | null, others: Others): Problem {
  const builder = createProblemBuilder()
  const inside = new Set(members.map(({ member }) => member))
  const taken = takenByOthers(inside, others)
  const accounts = new Map<string, number>()
  const account = (id: string, available: number) => {
    if (!accounts.has(id))
      accounts.set(id, builder.account(id, Math.max(0, available - (taken.get(id) ?? 0))))
    return accounts.get(id)!
  }
  const residents = new Map<string, Member[]>()
  for (const one of members) {
    const { id } = one.scene.resident
    residents.set(id, [...(residents.get(id) ?? []), one])
  }
  for (const [id, own] of residents) {
    builder.resident(id)
    const siblings = others.needsOfResident
      .get(id)!
      .filter((need) => !inside.has(need))
      .map(others.chosenOf)
    const privates = new Map<string, number>()
    const purse = (name: string, available: number, spent: number) => {
      if (!privates.has(name))
        privates.set(name, builder.privateAccount(name, Math.max(0, available - spent)))
      return privates.get(name)!
    }
    // The asked need's scene comes first, so that its resident's larger wallet is everybody's in the household.
    const [{ scene }] = own as [Member]
    for (const { member, scene: mine, options } of own) {
      builder.need(mine.need.id)
      for (const option of member === without ? [] : options) {
        const { offering, program } = option
        const uses: [number, number][] = [
          [account(offering.capacity.accountId, offering.capacity.available), mine.need.quantity],
        ]
        if (offering.staffTime) {
          const minutes = mine.need.quantity * offering.staffMinutesPerUnit
          uses.push([account(offering.staffTime.accountId, offering.staffTime.available), minutes])
        }
        if (program) uses.push([account(program.fund.accountId, program.fund.available), option.subsidy])
        const spent = siblings.reduce((sum, one) => sum + (one?.copayment ?? 0), 0)
        const wallet = purse('wallet', scene.resident.wallet?.available ?? 0, spent)
        const privateUses: [number, number][] = [[wallet, option.copayment]]
        const left = program ? capLeft(scene.snapshot, program, scene.resident) : null
        if (program && left !== null) {
          const drawn = siblings.reduce(
            (sum, one) => sum + (one?.program?.id === program.id ? one.subsidy : 0),
            0,
          )
          privateUses.push([purse(program.id, left, drawn), option.subsidy])
        }
        builder.option(nameOf(option), option.utility, uses, privateUses)
      }
    }
  }
  return builder.build()
}

function takenByOthers(inside: ReadonlySet<number>, { built, chosenOf }: Others): Map<string, number> {
  const taken = new Map<string, number>()
  const take = (id: string, amount: number) => taken.set(id, (taken.get(id) ?? 0) + amount)
  for (const [number, { need }] of built.needs.entries()) {
    const option = inside.has(number) ? undefined : chosenOf(number)
    if (!option) continue
    const { offering, program } = option
    take(offering.capacity.accountId, need.quantity)
    if (offering.staffTime) take(offering.staffTime.accountId, need.quantity * offering.staffMinutesPerUnit)
    if (program) take(program.fund.accountId, option.subsidy)
  }
  return taken
}
