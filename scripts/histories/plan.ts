/** A step of a history: what somebody tries, what the model says to it, and what it means for the model. */
import type { Context } from '../../src/platform/context.ts'
import type { Model } from './model.ts'
import type { Found, Picture } from './observe.ts'
import type { Person, SmallWorld } from './small-world.ts'

/** Drawn by chance: what is done, to the how-manieth of what there is, and by whom. */
export interface Step {
  do: string
  at: number
  of: number
  /** Below 85: whoever may; above: any of the nine. */
  by: number
  /** The statement before which the first try breaks off; null = none. */
  crash: number | null
}

export interface History {
  world: SmallWorld
  model: Model
  /** As of the last look. */
  found: Found
  /** How much of it is played, 0 … 1. */
  age: number
  advance(milliseconds: number): void
}

export interface Plan {
  person: Person | 'system'
  /** Codes of the refusals that there is a reason for; none = it must be done. */
  against: string[]
  run(ctx: Context): Promise<unknown>
  /** What it means; rows that only the database can name are looked up in what was found after it. */
  apply(found: Found, result: unknown): void
  /** Codes that it may be refused with for what the model does not know, such as prices. */
  perhaps?: string[]
  /** Done in several transactions: what of it must be as before when it is broken off between them; otherwise all. */
  brokenOff?: readonly (keyof Picture)[]
}

/** Null where there is nothing to do it to. */
export type Planner = (history: History, step: Step) => Plan | null

const PEOPLE_BY_CHANCE = [
  'officer',
  'otherOfficer',
  'finance',
  'otherFinance',
  'supervisor',
  'house',
  'club',
  'partner',
  'operator',
] as const

export const ROLE: Record<Person | 'system', string> = {
  officer: 'officer',
  otherOfficer: 'officer',
  finance: 'finance',
  otherFinance: 'finance',
  supervisor: 'supervisor',
  house: 'provider',
  club: 'provider',
  partner: 'partner',
  operator: 'operator',
  system: 'system',
}

/** Usually one of those who may; sometimes anybody. */
export function choosePerson({ by, at }: Step, able: readonly Person[]): Person {
  return by < 85 ? able[(at + by) % able.length]! : PEOPLE_BY_CHANCE[at % PEOPLE_BY_CHANCE.length]!
}

export function choose<T>(items: readonly T[], at: number): T | null {
  return items.length === 0 ? null : items[at % items.length]!
}

/** The reasons that hold. */
export function reasons(given: Record<string, boolean | undefined>): string[] {
  return Object.keys(given).filter((code) => given[code])
}
