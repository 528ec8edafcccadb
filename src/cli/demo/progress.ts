/** A progress bar on a terminal; on a pipe, nothing: standard error stays quiet for scripts. */
import cliProgress from 'cli-progress'
import type { RunRow } from '../../features/matching/start-run.ts'

export interface Progress {
  say(sentence: string): void
  show(run: RunRow): void
  close(): void
}

const QUIET: Progress = { say: () => {}, show: () => {}, close: () => {} }

const PHASES = ['queued', 'reading', 'building', 'solving', 'writing', 'finished']

export function createProgress(wanted: boolean): Progress {
  if (!wanted || !process.stderr.isTTY) return QUIET
  const bar = new cliProgress.SingleBar({
    format: 'Matching {bar} {phase}{figures}',
    stream: process.stderr,
    clearOnComplete: true,
  })
  let started = false
  return {
    say: (sentence) => process.stderr.write(`${sentence}\n`),
    show: ({ progress: { phase, round, value, bound } }) => {
      const payload = {
        phase,
        figures: round === null ? '' : ` round ${round}, value ${format(value)}, bound ${format(bound)}`,
      }
      if (!started) bar.start(PHASES.length - 1, 0, payload)
      started = true
      bar.update(PHASES.indexOf(phase), payload)
    },
    close: () => {
      if (started) bar.stop()
    },
  }
}

const format = (figure: number | null) => (figure === null ? '–' : Math.round(figure).toLocaleString('en-US'))
