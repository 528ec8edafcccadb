/** An import under way, on a terminal's standard error; on a pipe, nothing. */
import cliProgress from 'cli-progress'
import type { ImportReport } from '../features/feeds/import-protocol.ts'

export interface ImportProgressBar {
  show(progress: ImportReport): void
  /** Clears the line. */
  close(): void
}

const PHASES: ImportReport['phase'][] = ['queued', 'reading', 'applying', 'finished']

/** How much a feed holds is known at its end; so the bar tells the phase, and the line the records. */
export function createImportProgress(): ImportProgressBar {
  if (!process.stderr.isTTY) return { show: () => {}, close: () => {} }
  const bar = new cliProgress.SingleBar({
    format: '{phase} {bar} {records} records  {file}',
    stream: process.stderr,
    clearOnComplete: true,
    barsize: 12,
    gracefulExit: false,
  })
  bar.start(PHASES.length - 1, 0, { phase: 'reading', records: '0', file: '' })
  return {
    show({ phase, records, file }) {
      bar.update(PHASES.indexOf(phase), { phase, records: records.toLocaleString('en-US'), file: file ?? '' })
    },
    close: () => bar.stop(),
  }
}
