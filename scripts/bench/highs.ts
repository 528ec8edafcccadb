/** HiGHS (the WebAssembly package) on the same problem, as an integer program with the same limits. */
import { createRequire } from 'node:module'
import type { Amounts } from '../../src/engine/column.ts'
import { needCount, optionCount, type ProblemRows } from '../../src/engine/problem.ts'

export interface HighsOutcome {
  status: string
  /** Null where it found nothing in time. */
  value: number | null
  seconds: number
}

type Loader = () => Promise<{
  solve(model: string, options: Record<string, unknown>): { Status: string; ObjectiveValue: number }
}>

/** Solves with a time limit; the model is handed over as text in CPLEX's LP format. */
export async function solveWithHighs(rows: ProblemRows, seconds: number): Promise<HighsOutcome> {
  const load = createRequire(import.meta.url)('highs') as Loader
  const highs = await load()
  const model = lpModel(rows)
  const started = performance.now()
  const { Status, ObjectiveValue } = highs.solve(model, { time_limit: seconds, mip_rel_gap: 0 })
  const value = Number.isFinite(ObjectiveValue) ? Math.round(ObjectiveValue) : null
  return { status: Status, value, seconds: (performance.now() - started) / 1000 }
}

function lpModel(rows: ProblemRows): string {
  const shared = new Map<number, string[]>()
  const own = new Map<number, string[]>()
  const objective: string[] = []
  for (let option = 0; option < optionCount(rows); option++) {
    objective.push(`${rows.utilities[option]} x${option}`)
    collect(shared, rows.optionUses, rows.useAccounts, rows.useAmounts, option)
    collect(own, rows.optionPrivateUses, rows.privateUseAccounts, rows.privateUseAmounts, option)
  }
  const needs = Array.from({ length: needCount(rows) }, (_, need) => {
    const options: string[] = []
    for (let option = rows.needOptions[need]!; option < rows.needOptions[need + 1]!; option++)
      options.push(`x${option}`)
    return options.length > 0 ? `n${need}: ${sum(options)} <= 1` : ''
  })
  return [
    'Maximize',
    `obj: ${sum(objective)}`,
    'Subject To',
    ...needs,
    ...[...shared].map(([account, terms]) => `s${account}: ${sum(terms)} <= ${rows.limits[account]}`),
    ...[...own].map(([account, terms]) => `p${account}: ${sum(terms)} <= ${rows.privateLimits[account]}`),
    'Binary',
    Array.from({ length: optionCount(rows) }, (_, option) => `x${option}`).join('\n'),
    'End',
  ].join('\n')
}

function collect(
  terms: Map<number, string[]>,
  ranges: Int32Array,
  accounts: Int32Array,
  amounts: Amounts,
  option: number,
): void {
  for (let use = ranges[option]!; use < ranges[option + 1]!; use++) {
    const account = accounts[use]!
    const term = `${amounts[use]} x${option}`
    const same = terms.get(account)
    if (same) same.push(term)
    else terms.set(account, [term])
  }
}

/** The format limits the length of a line, not of an expression. */
const sum = (terms: string[]) => terms.join('\n + ')
