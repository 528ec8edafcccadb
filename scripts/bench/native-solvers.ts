/** Peers that are programs of their own, where they are installed: GLPK's `glpsol` and COIN-OR's `cbc`. */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { ProblemRows } from '../../src/engine/problem.ts'
import { lpModel } from './lp-model.ts'
import { judge, type PeerAnswer, type PeerOutcome } from './peer-answer.ts'

interface NativeSolver {
  name: string
  args(files: { model: string; answer: string }, seconds: number, threads: number): string[]
  /** Reads the file it wrote. */
  read(answer: string): PeerAnswer
}

export const NOT_INSTALLED = 'not installed'
/** What to do about it. */
export const HOW_TO_INSTALL = 'apt-get install glpk-utils coinor-cbc'

/**
 * Without the feasibility pump, glpsol finds nothing on a town of 1,000 needs in 10 s; with time, both come to the same.
 * Its cuts make it worse there, and with them GLPK 5.0 aborts on problems that its presolve empties.
 */
const GLPSOL: NativeSolver = {
  name: 'glpsol',
  args: ({ model, answer }, seconds) => [
    ...['--lp', model, '--fpump'],
    ...['--tmlim', String(Math.ceil(seconds)), '--write', answer],
  ],
  read: readGlpsolAnswer,
}

/** `-timeMode elapsed`: cbc counts processor time otherwise, that of all threads. */
const CBC: NativeSolver = {
  name: 'cbc',
  args: ({ model, answer }, seconds, threads) => [
    ...[model, '-timeMode', 'elapsed', '-seconds', String(seconds), '-threads', String(threads)],
    ...['-solve', '-solution', answer, '-quit'],
  ],
  read: readCbcAnswer,
}

export const NATIVE_SOLVERS: readonly NativeSolver[] = [GLPSOL, CBC]

/** Asks each of them in turn. */
export async function solveWithNativeSolvers(
  rows: ProblemRows,
  seconds: number,
  threads: number,
): Promise<PeerOutcome[]> {
  const outcomes: PeerOutcome[] = []
  for (const solver of NATIVE_SOLVERS) outcomes.push(await ask(solver, rows, seconds, threads))
  return outcomes
}

async function ask(
  solver: NativeSolver,
  rows: ProblemRows,
  seconds: number,
  threads: number,
): Promise<PeerOutcome> {
  const peer = solver.name
  if (!isOnPath(peer)) return { peer, status: NOT_INSTALLED, value: null, seconds: 0 }
  const folder = mkdtempSync(join(tmpdir(), 'lifecircle-bench-'))
  try {
    const files = { model: join(folder, 'model.lp'), answer: join(folder, 'answer.txt') }
    writeFileSync(files.model, lpModel(rows))
    const started = performance.now()
    const end = await run(peer, solver.args(files, seconds, threads), seconds)
    const took = (performance.now() - started) / 1000
    const answer = existsSync(files.answer)
      ? solver.read(readFileSync(files.answer, 'utf8'))
      : { status: end, chosen: null }
    return { peer, ...judge(rows, answer), seconds: took }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function isOnPath(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Neither looks at the clock in every phase: what takes twice its time and a minute is ended. */
function run(command: string, args: string[], seconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: 'ignore',
      timeout: (2 * seconds + 60) * 1000,
      killSignal: 'SIGKILL',
    })
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve(signal ? `ended by ${signal}` : `no answer, exit code ${code}`),
    )
  })
}

const GLPSOL_STATUS: Record<string, string> = {
  o: 'optimal',
  f: 'feasible',
  u: 'nothing found',
  n: 'infeasible',
}

/**
 * What `glpsol --write` wrote of an integer program (GLPK's reference manual, `glp_write_mip`): `s mip <rows> <columns>
 * <status> <objective>`, then `j <column> <value>` for every column, numbered from 1 in the order of the model.
 */
export function readGlpsolAnswer(text: string): PeerAnswer {
  const lines = text.split('\n').map((line) => line.split(' '))
  const letter = lines.find(([kind]) => kind === 's')?.[4] ?? ''
  const status = GLPSOL_STATUS[letter] ?? 'an answer that cannot be read'
  if (letter !== 'o' && letter !== 'f') return { status, chosen: null }
  const chosen = lines
    .filter(([kind, , value]) => kind === 'j' && Number(value) > 0.5)
    .map(([, column]) => Number(column) - 1)
  return { status, chosen }
}

/**
 * What cbc's `-solution` wrote: a line of status, `Stopped on time - objective value 12`, then every column that is not
 * 0 as `<number> <name> <value> <reduced cost>`, behind `**` where it breaks a row. With no integer solution at hand, it
 * says so in brackets and writes the relaxation's.
 */
export function readCbcAnswer(text: string): PeerAnswer {
  const [head = '', ...rows] = text.split('\n')
  const words = head.split(' - objective value')[0]!.trim().toLowerCase()
  if (words.includes('no integer solution') || !/^(optimal|stopped)/.test(words)) {
    return { status: words.replace(/ \((.*) - .*\)/, ', $1'), chosen: null }
  }
  const chosen = rows
    .map((row) => row.replace('**', '').trim().split(/\s+/))
    .filter(([, name, value]) => name !== undefined && Number(value) > 0.5)
    .map(([, name]) => Number(name!.slice(1)))
  return { status: words, chosen }
}
