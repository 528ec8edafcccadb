/** What `bench-engine` is asked to measure. */
import { parseArgs } from 'node:util'
import { usefulThreads } from '../../src/features/matching/recruit-threads.ts'

export interface BenchPlan {
  /** Needs of the synthetic towns; `none` are none. */
  sizes: number[]
  seeds: number[]
  /** Effort for a problem of so many needs. */
  roundsFor: (needs: number) => number
  threads: number
  /** No run of the engine takes longer; undefined: only rounds end it, and every figure but time can be repeated. */
  seconds: number | undefined
  /** Seconds for HiGHS on each small town; 0: not asked. */
  highsSeconds: number
  /** The same for each of glpsol and cbc. */
  peersSeconds: number
  /** Directory of public assignment instances. */
  gap: string | undefined
  types: boolean
  mmkp: boolean
  warm: boolean
  /** Of the instances of `gap`, `types` and `mmkp`, only those whose name contains it. */
  only: string
  /** Where files go. */
  out: string | undefined
  /** Used by the script itself: the one measurement of this process. */
  one: string | undefined
}

/** A wrong argument; the message is a sentence. */
export class WrongArgument extends Error {}

/** @throws WrongArgument */
export function readPlan(args: readonly string[]): BenchPlan {
  const values = readOptions(args)
  return {
    sizes: values.sizes === 'none' ? [] : counts('sizes', values.sizes),
    seeds: counts('seeds', values.seeds),
    roundsFor: readRounds(values.rounds),
    threads: values.threads === undefined ? usefulThreads() : count('threads', values.threads),
    seconds: values.seconds === undefined ? undefined : duration('seconds', values.seconds),
    highsSeconds: duration('highs', values.highs),
    peersSeconds: duration('peers-seconds', values['peers-seconds']),
    gap: values.gap,
    types: values.types,
    mmkp: values.mmkp,
    warm: values.warm,
    only: values.only,
    out: values.out,
    one: values.one,
  }
}

function readOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        sizes: { type: 'string', default: '1000,10000' },
        seeds: { type: 'string', default: '1' },
        rounds: { type: 'string', default: '100' },
        threads: { type: 'string' },
        seconds: { type: 'string' },
        highs: { type: 'string', default: '0' },
        'peers-seconds': { type: 'string', default: '0' },
        gap: { type: 'string' },
        types: { type: 'boolean', default: false },
        mmkp: { type: 'boolean', default: false },
        warm: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        out: { type: 'string' },
        one: { type: 'string' },
      },
    }).values
  } catch (error) {
    throw new WrongArgument((error as Error).message)
  }
}

/**
 * Rounds per size: `100` for all sizes, or `1000:400,10000:100` for sizes from 1,000 needs and from 10,000 on; what is
 * smaller than the first size gets what the first gets.
 *
 * @throws WrongArgument
 */
export function readRounds(text: string): (needs: number) => number {
  if (!text.includes(':')) {
    const all = count('rounds', text)
    return () => all
  }
  const steps = text.split(',').map((step) => {
    const [from, rounds, ...more] = step.split(':')
    if (rounds === undefined || more.length > 0) {
      throw new WrongArgument(`--rounds: "${step}" is not like 10000:100, needs and rounds.`)
    }
    return { from: count('rounds', from!), rounds: count('rounds', rounds) }
  })
  steps.sort((a, b) => a.from - b.from)
  return (needs) => (steps.findLast(({ from }) => from <= needs) ?? steps[0]!).rounds
}

const counts = (name: string, text: string): number[] => text.split(',').map((part) => count(name, part))

function count(name: string, text: string): number {
  const value = Number(text)
  if (!(Number.isSafeInteger(value) && value >= 1)) {
    throw new WrongArgument(`--${name}: "${text}" is not a positive integer.`)
  }
  return value
}

function duration(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !(Number.isFinite(value) && value >= 0)) {
    throw new WrongArgument(`--${name}: "${text}" is not a number of seconds.`)
  }
  return value
}
