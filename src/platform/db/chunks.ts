/** Rows of one multi-row statement: below PostgreSQL's 65,535 parameters at the width of any of our tables. */
const CHUNK = 1000

/** The rows in order, in parts that one statement can carry. */
export function chunks<T>(rows: readonly T[], size = CHUNK): T[][] {
  const parts: T[][] = []
  for (let from = 0; from < rows.length; from += size) parts.push(rows.slice(from, from + size))
  return parts
}
