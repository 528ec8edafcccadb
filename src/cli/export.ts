/** `lifecircle export hsds <dir|file.zip|file.json>`: the whole directory in the standard's forms. */
import { datapackage } from '../features/directory/datapackage.ts'
import { exportDirectory } from '../features/feeds/exports/export-directory.ts'
import {
  directorySink,
  discardUnfinished,
  jsonSink,
  zipSink,
} from '../features/feeds/exports/export-files.ts'
import { SYSTEM } from '../features/identity/permissions.ts'
import { createContext } from '../platform/context.ts'
import { BadInput } from './bad-input.ts'
import { withGround } from './open-ground.ts'

/** Writes the export and prints how many records of each kind are in it. */
export function exportHsds(path: string): Promise<void> {
  return withGround(async (ground) => {
    const ctx = createContext({ ...ground, actor: SYSTEM })
    try {
      const records = await exportDirectory(ctx, sinkFor(path))
      process.stdout.write(`${JSON.stringify({ path, records })}\n`)
    } catch (error) {
      await discardUnfinished(path)
      throw isFileError(error) ? new BadInput(`${path} can't be written: ${error.message}.`) : error
    }
  })
}

function sinkFor(path: string) {
  if (path.endsWith('.zip')) return zipSink(path, datapackage)
  if (path.endsWith('.json')) return jsonSink(path)
  return directorySink(path, datapackage)
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
