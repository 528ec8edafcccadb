/** What was measured, as tables for a terminal. */
import Table from 'cli-table3'
import type { FamilySummary } from './families.ts'
import type { Change, Growth, MedianTown, TownFigures } from './figures.ts'
import { HOW_TO_INSTALL, NATIVE_SOLVERS, NOT_INSTALLED } from './native-solvers.ts'
import type { Checked, Spent } from './timed-run.ts'
import type { MeasuredWarm } from './warm.ts'

const percent = (share: number, digits = 2): string => `${(share * 100).toFixed(digits)} %`
const whole = (value: number): string => Math.round(value).toLocaleString('en')
const NONE = '–'

function table(head: string[], rows: readonly string[][]): string {
  const drawn = new Table({ head, style: { head: [], border: [] } })
  drawn.push(...rows)
  // No line between rows, which are many; the one below the head is the third.
  const lines = drawn.toString().split('\n')
  return lines.filter((text, place) => place === 2 || !text.startsWith('├')).join('\n')
}

const certificateOf = ({ certified, certifySeconds }: Checked): string =>
  certified ? `yes, ${certifySeconds.toFixed(1)} s` : 'NO'

/** The engine on every town, and the medians of every size that has several. */
export function townTable(
  towns: readonly TownFigures[],
  medians: readonly MedianTown[],
  emptyMb: number,
): string {
  const head = ['needs', 'seed', 'options', 'rounds', 'seconds', 'CPU s', 'µs/option', 'bytes/option']
  const figures = (row: TownFigures | MedianTown) => [
    ...[whole(row.options), whole(row.rounds), row.seconds.toFixed(1), row.cpuSeconds.toFixed(1)],
    ...[
      row.microsPerOption.toFixed(2),
      whole(row.bytesPerOption),
      whole(row.peakMemoryMb),
      percent(row.gap, 3),
    ],
  ]
  const rows = medians.flatMap((row) => {
    const same = towns.filter(({ needs }) => needs === row.needs)
    const own = same.map((town) => [
      ...[whole(town.needs), String(town.seed), ...figures(town)],
      certificateOf(town),
    ])
    return same.length > 1 ? [...own, [whole(row.needs), 'median', ...figures(row), NONE]] : own
  })
  return `${table([...head, 'peak MB', 'gap', 'certified'], rows)}
Bytes per option: peak memory beyond the ${whole(emptyMb)} MB of a process that solves a town without needs.`
}

/** Everybody else's value as a share of the engine's. */
export function peerTable(towns: readonly TownFigures[]): string {
  const names = [...new Set(towns.flatMap(({ peers }) => peers.map(({ peer }) => peer)))]
  const rows = towns.map((town) => [
    ...[whole(town.needs), String(town.seed), `${whole(town.value)} in ${town.seconds.toFixed(1)} s`],
    ...[percent(town.firstCome), percent(town.byPriority)],
    ...names.map((name) => peerCell(town, name)),
  ])
  const head = ['needs', 'seed', 'engine', 'first come', 'by priority', ...names]
  return [table(head, rows), ...peerNotes(towns)].join('\n')
}

function peerCell({ peers, value }: TownFigures, name: string): string {
  const outcome = peers.find(({ peer }) => peer === name)
  if (outcome === undefined) return NONE
  if (outcome.status === NOT_INSTALLED) return NOT_INSTALLED
  const reached =
    outcome.value === null ? outcome.status : `${percent(outcome.value / value)} (${outcome.status})`
  return `${reached}, ${outcome.seconds.toFixed(0)} s`
}

function peerNotes(towns: readonly TownFigures[]): string[] {
  const missing = NATIVE_SOLVERS.filter(({ name }) =>
    towns.some(({ peers }) => peers.some(({ peer, status }) => peer === name && status === NOT_INSTALLED)),
  )
  return [
    'First come, by priority and the peers: their value as a share of the engine’s, counted by us.',
    ...missing.map(({ name }) => `${name}: ${NOT_INSTALLED} (${HOW_TO_INSTALL})`),
  ]
}

/** How time and memory per option grow. */
export function growthLines(growth: Growth): string {
  const { sizes, seconds, cpuSeconds, bytes, bytesPerFurtherOption, roundsDiffer } = growth
  const change = (value: Change | null) =>
    value === null ? NONE : `${value.spread.toFixed(2)} (${value.ends.toFixed(2)})`
  const lines = [
    `Per option, ${whole(sizes[0]!)} to ${whole(sizes.at(-1)!)} needs, largest ÷ smallest figure (that of the most needs ÷ that of the fewest):`,
    `time ${change(seconds)}, processor time ${change(cpuSeconds)}, memory ${change(bytes)}; bytes per further option, from size to size: ${bytesPerFurtherOption.map(whole).join(', ')}.`,
    ...(roundsDiffer ? ['The sizes had different rounds: their times compare different efforts.'] : []),
  ]
  return lines.join('\n')
}

/** Warm against cold: times of the warm run as a share of the cold one's. */
export function warmTable(measured: readonly MeasuredWarm[]): string {
  const head = ['needs', 'seed', 'rounds', 'changed', 'bound', 'prices', 'CPU', 'price rounds', 'close after']
  const change = (from: Spent, to: Spent) =>
    `${from.seconds.toFixed(2)} → ${to.seconds.toFixed(2)} s: ${percent(to.seconds / from.seconds, 1)}`
  const rows = measured.map(({ needs, seed, rounds, cold, warm, closeEnough, certified, ...rest }) => [
    ...[whole(needs), String(seed), whole(rounds), `${whole(rest.capacities)} + ${whole(rest.wallets)}`],
    ...[percent(rest.boundDifference, 4), change(cold.prices, warm.prices)],
    percent(warm.prices.cpuSeconds / cold.prices.cpuSeconds, 1),
    `${cold.prices.rounds} → ${warm.prices.rounds}`,
    closeEnough === null ? 'never' : `${closeEnough.rounds}, ${closeEnough.seconds.toFixed(2)} s`,
    ...[change(cold, warm), `${percent(cold.gap, 3)} → ${percent(warm.gap, 3)}`, certified ? 'yes' : 'NO'],
  ])
  return `${table([...head, 'whole run', 'gap', 'certified'], rows)}
Cold → warm after a change. Changed: capacities + wallets. Bound: warm ÷ cold − 1. CPU: processor time of the warm prices ÷ that of the cold ones. Close after: rounds and time until the bound of the warm prices was within 0.05 % of that of the cold ones.`
}

/** A row per family of instances. */
export function familyTable(summaries: readonly FamilySummary[]): string {
  const head = [
    'family',
    'instances',
    'complete',
    'mean gap',
    'max gap',
    'off optimum',
    'optimal',
    'certified',
  ]
  const points = (value: number | null) => (value === null ? NONE : `${value.toFixed(3)} %`)
  const rows = summaries.map((row) => [
    ...[row.family, String(row.instances), String(row.complete), points(row.meanGap), points(row.maxGap)],
    ...[points(row.meanOff), String(row.optimal), String(row.certified)],
    `${row.meanSeconds.toFixed(2)}, at most ${row.maxSeconds.toFixed(2)}`,
  ])
  return `${table([...head, 'seconds each'], rows)}\nGaps to the bound, of complete instances, in percent of its cost or profit.`
}
