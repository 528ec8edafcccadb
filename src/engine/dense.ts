import { needCount, type ProblemRows } from './problem.ts'

/** Uses per need and account in use, from which on a problem is dense: 1 or more in generalized assignment. */
const DENSE = 0.5

/** Whether needs can go nearly everywhere, as in generalized assignment; in a town, each reaches a few accounts. */
export function isDense(rows: ProblemRows): boolean {
  const { limits, useAccounts } = rows
  const most = useAccounts.length / (DENSE * Math.max(1, needCount(rows)))
  const seen = new Uint8Array(limits.length)
  let used = 0
  // Ends early in every problem that is not dense: it takes but a few uses to see more accounts than that.
  for (let use = 0; use < useAccounts.length && used <= most; use++) {
    if (seen[useAccounts[use]!] === 1) continue
    seen[useAccounts[use]!] = 1
    used++
  }
  return used > 0 && used <= most
}
