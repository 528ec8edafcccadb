/** The files of a feed: of a directory, a list, one file or a zip archive. Nothing is opened before it is read. */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, sep } from 'node:path'
import type { FeedFile } from './feed-file.ts'
import { openZip } from './zip-files.ts'

export type { FeedFile } from './feed-file.ts'

/** A directory holds no more files than this; it is a slip of the caller's (such as `/`) if it does. */
const MOST_FILES = 10_000

/**
 * Files of a directory (recursively, in order of name; hidden ones left out), of a `.zip`, or the file itself.
 * @throws Error of one sentence if there is nothing at the path, or the archive is unsafe or none.
 */
export async function openFeedFiles(path: string): Promise<FeedFile[]> {
  const found = await stat(path).catch(() => null)
  if (found === null) throw new Error(`There is no file or directory ${path}.`)
  if (found.isDirectory()) return filesOf(path)
  if (/\.zip$/i.test(path)) return openZip(path)
  return [fileAt(path, basename(path))]
}

function fileAt(path: string, name: string): FeedFile {
  return { name, open: () => createReadStream(path) }
}

async function filesOf(directory: string): Promise<FeedFile[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !relative(directory, path)
          .split(sep)
          .some((part) => part.startsWith('.')),
    )
  if (paths.length > MOST_FILES) {
    throw new Error(`${directory} holds ${paths.length} files; a feed has at most ${MOST_FILES}.`)
  }
  return paths.sort().map((path) => fileAt(path, relative(directory, path).split(sep).join('/')))
}
