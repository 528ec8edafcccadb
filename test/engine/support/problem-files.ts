import { type Problem, rowsOf } from '../../../src/engine/problem.ts'
import { problemJson } from '../../../src/engine/problem-lines.ts'
import { createProblemTextReader } from '../../../src/engine/problem-text.ts'

/** A small problem file as parsed JSON, every field loose, to be broken. */
export const validFile = () => ({
  format: 'lifecircle-problem/1' as unknown,
  accounts: [{ id: 'fund:A', limit: 1000 }] as unknown,
  residents: [
    {
      id: 'r1',
      accounts: [{ id: 'wallet', limit: 300 }] as unknown,
      needs: [
        {
          id: 'n1',
          options: [
            {
              id: 'o1',
              utility: 70 as unknown,
              uses: { 'fund:A': 20 } as unknown,
              privateUses: { wallet: 10 } as unknown,
            },
          ] as unknown,
        },
      ] as unknown,
    },
  ] as unknown,
})

/** The path of the one option of `validFile()`. */
export const OPTION = ['residents', 0, 'needs', 0, 'options', 0] as const

/** A copy of `file` in which the field at `path` is replaced, or removed if undefined. */
export function changed<T>(file: T, path: readonly (string | number)[], value: unknown): T {
  const copy = JSON.parse(JSON.stringify(file))
  let place = copy
  for (const step of path.slice(0, -1)) place = place[step]
  const last = path.at(-1)!
  if (value === undefined) delete place[last]
  else Object.defineProperty(place, last, { value, enumerable: true, configurable: true, writable: true })
  return copy
}

/** The path of every value inside a JSON value. */
export function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, item]) => [
    [name],
    ...pathsOf(item).map((path) => [name, ...path]),
  ])
}

/** Reads text that arrives in pieces of `size`. */
export function readInPieces(text: string, size = 7): Problem {
  const reader = createProblemTextReader()
  for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size))
  return reader.end()
}

/** A problem as the parsed JSON of its file. */
export const fileOf = (problem: Problem) => JSON.parse([...problemJson(problem)].join(''))

/** A problem as NDJSON, from the parsed JSON of a file with any content. */
export function linesOf({ residents, ...header }: ReturnType<typeof validFile>): string {
  return [header, ...(residents as unknown[])].map((line) => `${JSON.stringify(line)}\n`).join('')
}

/** Every bit of a problem, to compare. */
export const bitsOf = (problem: Problem) => ({
  names: problem.names,
  rows: Object.fromEntries(
    Object.entries(rowsOf(problem)).map(([name, column]) => [
      name,
      [...new Uint8Array(column.buffer, column.byteOffset, column.byteLength)],
    ]),
  ),
})
