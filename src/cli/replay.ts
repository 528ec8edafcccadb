/** `lifecircle replay <run>`: solves a run once more from the snapshot that was kept, and compares. */
import { SYSTEM } from '../features/identity/permissions.ts'
import { solveAgain } from '../features/matching/solve-again.ts'
import { createContext } from '../platform/context.ts'
import { withGround } from './open-ground.ts'

/** Prints the report; exit code 1 unless the same came out, byte for byte. Writes nothing. */
export function replayById(runId: string): Promise<void> {
  return withGround(async (ground) => {
    const report = await solveAgain(createContext({ ...ground, actor: SYSTEM }), runId)
    process.stdout.write(`${JSON.stringify(report)}\n`)
    if (!report.snapshotEqual || !report.assignmentEqual || !report.resultEqual) process.exitCode = 1
  })
}
