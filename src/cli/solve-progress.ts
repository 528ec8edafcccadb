/** The engine at work, on a terminal's standard error; on a pipe, nothing. */
import cliProgress from 'cli-progress'
import type { ResultFile } from '../engine/result-file.ts'
import type { Progress } from '../engine/solve.ts'

export interface SolveProgress {
  show(progress: Progress): void
  /** Clears the line; with a result, says what came out of it. */
  close(result?: ResultFile): void
}

const PHASES = ['prices', 'improve'] as const

/** `rounds` as asked for; pricing takes at most about as many. */
export function createSolveProgress(rounds: number): SolveProgress {
  if (!process.stderr.isTTY) return { show: () => {}, close: () => {} }
  const bar = new cliProgress.SingleBar({
    format: '{phase} {bar} round {round}  value {worth}  bound {bound}  gap {gap}',
    stream: process.stderr,
    clearOnComplete: true,
    barsize: 20,
    // The engine does not yield to the event loop, and so an interrupt must end the process by itself.
    gracefulExit: false,
  })
  const total = rounds * PHASES.length
  bar.start(total, 0, { phase: 'reading', round: 0, worth: '–', bound: '–', gap: '–' })
  let phase = ''
  let startedAt = 0
  return {
    show(progress) {
      if (progress.phase !== phase) {
        phase = progress.phase
        startedAt = progress.round
      }
      const within = Math.min(rounds, progress.round - startedAt)
      bar.update(PHASES.indexOf(progress.phase) * rounds + within, figures(progress))
    },
    close(result) {
      bar.stop()
      if (result === undefined) return
      const { worth, bound, gap } = figures(result)
      process.stderr.write(
        `Value ${worth}, at most ${bound} possible: gap ${gap}. ${result.rounds} rounds, ${result.seconds} seconds.\n`,
      )
    },
  }
}

function figures({
  value,
  bound,
  ...rest
}: {
  value: number
  bound: number
  phase?: string
  round?: number
}) {
  const isKnown = Number.isFinite(bound)
  return {
    ...rest,
    // Not `value`, by which the bar means its own.
    worth: format(value),
    bound: isKnown ? format(bound) : '–',
    gap: isKnown ? `${(bound === 0 ? 0 : (100 * (bound - value)) / bound).toFixed(2)} %` : '–',
  }
}

const format = (figure: number): string => Math.round(figure).toLocaleString('en-US')
