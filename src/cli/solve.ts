/** `lifecircle solve <problem>`: a problem file in, a certified result out. */
import { writeFile } from 'node:fs/promises'
import { firstShortfall } from '../engine/floors.ts'
import { type Problem, ProblemError, rowsOf } from '../engine/problem.ts'
import { readBinaryProblem } from '../engine/problem-binary.ts'
import { createProblemTextReader } from '../engine/problem-text.ts'
import { writeResult } from '../engine/result-file.ts'
import { type Solution, solve } from '../engine/solve.ts'
import { recruitThreads, usefulThreads } from '../features/matching/recruit-threads.ts'
import { Refusal } from '../platform/errors.ts'
import { BadInput } from './bad-input.ts'
import { nameOf, takeProblem } from './input-file.ts'
import { checkFolderFor } from './output-folder.ts'
import { createSolveProgress } from './solve-progress.ts'

export interface SolveCommand {
  /** Where the result goes; standard output by default. */
  out?: string
  rounds: number
  seed: number
  seconds?: number
  /** Percent. */
  gap?: number
  /** One per processor by default. */
  threads?: number
}

/**
 * Solves the problem at `path` (`-`: standard input) and writes a `lifecircle-result/1`; refuses, with no
 * result, where a floor is missed.
 */
export async function solveFile(path: string, command: SolveCommand): Promise<void> {
  const { out, rounds, seed, seconds, gap = 0, threads = usefulThreads() } = command
  if (out !== undefined) await checkFolderFor(out, 'The result')
  const progress = createSolveProgress(rounds)
  try {
    const problem = await readProblemFile(path)
    const start = performance.now()
    const solution = solve(rowsOf(problem), {
      rounds,
      seed,
      ...(seconds === undefined ? {} : { seconds }),
      targetGap: gap / 100,
      threads,
      recruit: recruitThreads,
      now: () => performance.now(),
      onRound: progress.show,
    })
    checkFloors(problem, solution)
    const result = writeResult(problem, solution, {
      seed,
      seconds: Math.round(performance.now() - start) / 1000,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    })
    await write(`${JSON.stringify(result)}\n`, out)
    progress.close(result)
  } catch (error) {
    progress.close()
    throw error
  }
}

/** @throws BadInput with the sentence of the first thing that is wrong. */
async function readProblemFile(path: string): Promise<Problem> {
  const reader = createProblemTextReader()
  try {
    return await takeProblem(path, {
      text: reader.push,
      textEnd: reader.end,
      binary: readBinaryProblem,
    })
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    throw new BadInput(`${nameOf(path)}: ${error.message}`)
  }
}

/** The sentence says whether the floors cannot be met or were merely not met. */
function checkFloors(problem: Problem, solution: Solution): void {
  const shortfall = firstShortfall(problem, solution)
  if (shortfall === undefined) return
  const { account, floor, used, cause } = shortfall
  const says = {
    too_high: 'it is proved that no assignment uses so much of it.',
    contradictory: 'it is proved that no assignment meets all floors within the limits.',
    not_found: 'an assignment that meets all floors was not found, which does not prove that there is none.',
  }
  const id = problem.names.accounts[account]
  throw new Refusal(
    'invalid_input',
    `There is no result: account "${id}" is used for ${used}, below its floor of ${floor}; ${says[cause]}`,
  )
}

async function write(text: string, out: string | undefined): Promise<void> {
  if (out === undefined) {
    process.stdout.write(text)
    return
  }
  try {
    await writeFile(out, text)
  } catch (error) {
    throw new Refusal('invalid_input', `The result cannot be written to ${out}: ${(error as Error).message}.`)
  }
}
