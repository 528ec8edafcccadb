/** A problem as text in CPLEX's LP format, which every peer reads: the same limits, floors and utilities. */
import type { Amounts } from '../../src/engine/column.ts'
import { needCount, optionCount, type ProblemRows } from '../../src/engine/problem.ts'

/**
 * The integer program: `x7` is 1 where option 7 is chosen. Rows: `n` at most one option per need, `s` limits and `f`
 * floors of shared accounts, `p` limits of private ones. Every option is a column, in order, whatever it uses.
 */
export function lpModel(rows: ProblemRows): string {
  const count = optionCount(rows)
  const options = Array.from({ length: count }, (_, option) => `x${option}`)
  const shared = collect(count, rows.optionUses, rows.useAccounts, rows.useAmounts)
  const own = collect(count, rows.optionPrivateUses, rows.privateUseAccounts, rows.privateUseAmounts)
  return [
    'Maximize',
    `obj: ${sum(options.map((option, index) => `${rows.utilities[index]} ${option}`))}`,
    'Subject To',
    ...needRows(rows, options),
    ...accountRows('s', '<=', shared, rows.limits),
    ...floorRows(rows, shared),
    ...accountRows('p', '<=', own, rows.privateLimits),
    'Binary',
    ...options,
    'End',
    '',
  ].join('\n')
}

function needRows({ needOptions, ...rows }: ProblemRows, options: readonly string[]): string[] {
  return Array.from({ length: needCount({ needOptions, ...rows }) }, (_, need) =>
    options.slice(needOptions[need]!, needOptions[need + 1]!),
  ).flatMap((own, need) => (own.length > 0 ? [`n${need}: ${sum(own)} <= 1`] : []))
}

/** Account → its terms. */
type Terms = ReadonlyMap<number, readonly string[]>

function accountRows(letter: string, sign: '<=' | '>=', terms: Terms, ends: Amounts): string[] {
  return [...terms].map(([account, used]) => `${letter}${account}: ${sum(used)} ${sign} ${ends[account]}`)
}

/** A floor that nothing can meet is a row all the same. */
function floorRows({ floors }: ProblemRows, terms: Terms): string[] {
  const asked = Array.from(floors.keys()).filter((account) => floors[account]! > 0)
  const wanted = new Map(asked.map((account) => [account, terms.get(account) ?? ['0 x0']]))
  return accountRows('f', '>=', wanted, floors)
}

function collect(count: number, ranges: Int32Array, accounts: Int32Array, amounts: Amounts): Terms {
  const terms = new Map<number, string[]>()
  for (let option = 0; option < count; option++) {
    for (let use = ranges[option]!; use < ranges[option + 1]!; use++) {
      const account = accounts[use]!
      const term = `${amounts[use]} x${option}`
      const same = terms.get(account)
      if (same) same.push(term)
      else terms.set(account, [term])
    }
  }
  return terms
}

/** The format limits the length of a line, not of an expression. */
const sum = (terms: readonly string[]): string => terms.join('\n + ')
