/** HiGHS (the WebAssembly package) on the same problem, as an integer program with the same limits. */
import { createRequire } from 'node:module'
import type { ProblemRows } from '../../src/engine/problem.ts'
import { lpModel } from './lp-model.ts'
import { judge, type PeerAnswer, type PeerOutcome } from './peer-answer.ts'

/** What the package answers, as far as it is read here: a column per option. */
export interface HighsReply {
  Status: string
  /** Infinite as long as there is no solution; all columns are 0 then. */
  ObjectiveValue: number
  Columns: Record<string, { Primal?: number }>
}

type Loader = () => Promise<{ solve(model: string, options: Record<string, unknown>): HighsReply }>

const load = createRequire(import.meta.url)('highs') as Loader
let loading: ReturnType<Loader> | undefined

/** Solves with a time limit. */
export async function solveWithHighs(rows: ProblemRows, seconds: number): Promise<PeerOutcome> {
  loading ??= load()
  const highs = await loading
  const model = lpModel(rows)
  const started = performance.now()
  const reply = highs.solve(model, { time_limit: seconds, mip_rel_gap: 0 })
  return {
    peer: 'HiGHS',
    ...judge(rows, readHighsReply(reply)),
    seconds: (performance.now() - started) / 1000,
  }
}

/** The columns that are 1, where there is a solution. */
export function readHighsReply({ Status, ObjectiveValue, Columns }: HighsReply): PeerAnswer {
  if (!Number.isFinite(ObjectiveValue)) return { status: Status, chosen: null }
  const chosen = Object.entries(Columns)
    .filter(([, { Primal = 0 }]) => Primal > 0.5)
    .map(([name]) => Number(name.slice(1)))
  return { status: Status, chosen }
}
