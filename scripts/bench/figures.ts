/** What is computed from measurements: figures per option, medians over seeds, growth over sizes. */
import type { MeasuredTown } from './measured-town.ts'

/** A measured town per option. */
export interface TownFigures extends MeasuredTown {
  /** Microseconds of the clock, and of all threads' processor time. */
  microsPerOption: number
  cpuMicrosPerOption: number
  /** Peak memory, less that of an empty process. */
  bytesPerOption: number
}

export function perOption(town: MeasuredTown, emptyMb: number): TownFigures {
  return {
    ...town,
    microsPerOption: (town.seconds * 1e6) / town.options,
    cpuMicrosPerOption: (town.cpuSeconds * 1e6) / town.options,
    bytesPerOption: ((town.peakMemoryMb - emptyMb) * 2 ** 20) / town.options,
  }
}

/** The middle value; of an even number, the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  if (Number.isInteger(middle)) return (sorted[middle - 1]! + sorted[middle]!) / 2
  return sorted[Math.floor(middle)]!
}

const MEDIAN_FIGURES = [
  'options',
  'rounds',
  'seconds',
  'cpuSeconds',
  'microsPerOption',
  'cpuMicrosPerOption',
  'bytesPerOption',
  'peakMemoryMb',
  'gap',
  'certifySeconds',
  'firstCome',
  'byPriority',
] as const

/** Of each figure the median over the seeds: the figures of a row need not be those of one town. */
export type MedianTown = { needs: number; seeds: number } & Record<(typeof MEDIAN_FIGURES)[number], number>

/** A row per size, in ascending order. */
export function medians(towns: readonly TownFigures[]): MedianTown[] {
  const sizes = [...new Set(towns.map(({ needs }) => needs))].sort((a, b) => a - b)
  return sizes.map((needs) => {
    const same = towns.filter((town) => town.needs === needs)
    const figures = MEDIAN_FIGURES.map((figure) => [figure, median(same.map((town) => town[figure]))])
    return { needs, seeds: same.length, ...Object.fromEntries(figures) } as MedianTown
  })
}

/** How a figure per option grows. */
export interface Change {
  /** The largest figure divided by the smallest, whatever their sizes. */
  spread: number
  /** The figure of the largest size divided by that of the smallest. */
  ends: number
}

export interface Growth {
  /** The sizes compared. */
  sizes: number[]
  seconds: Change
  cpuSeconds: Change
  /** Null where a process took no more memory than an empty one. */
  bytes: Change | null
  /** From each size to the next: bytes of peak memory per option that came on top. What every process takes drops out. */
  bytesPerFurtherOption: number[]
  /** The sizes were given different rounds, so that their times compare different efforts. */
  roundsDiffer: boolean
}

/** Below, starting threads and compiling code are most of the time and memory. */
const GROWTH_FROM = 10_000

/** Growth over the sizes from 10,000 needs on, or over all where those are fewer than two. Null of a single size. */
export function growthOf(rows: readonly MedianTown[]): Growth | null {
  const large = rows.filter(({ needs }) => needs >= GROWTH_FROM)
  const compared = large.length >= 2 ? large : rows
  if (compared.length < 2) return null
  const bytes = compared.map(({ bytesPerOption }) => bytesPerOption)
  return {
    sizes: compared.map(({ needs }) => needs),
    seconds: changeOf(compared.map(({ microsPerOption }) => microsPerOption)),
    cpuSeconds: changeOf(compared.map(({ cpuMicrosPerOption }) => cpuMicrosPerOption)),
    bytes: Math.min(...bytes) > 0 ? changeOf(bytes) : null,
    bytesPerFurtherOption: compared.slice(1).map((row, place) => {
      const before = compared[place]!
      return ((row.peakMemoryMb - before.peakMemoryMb) * 2 ** 20) / (row.options - before.options)
    }),
    roundsDiffer: new Set(compared.map(({ rounds }) => rounds)).size > 1,
  }
}

const changeOf = (values: readonly number[]): Change => ({
  spread: Math.max(...values) / Math.min(...values),
  ends: values.at(-1)! / values[0]!,
})
