/** A feed behind an address, brought to a temporary file: what breaks off in the middle never reaches a reader. */
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Refusal } from '../../platform/errors.ts'
import { type SafeFetchOptions, safeOpen } from '../../platform/http/safe-fetch.ts'

const MOST_BYTES = 1024 ** 3

export interface Download {
  path: string
  /** The last part of the address: how the report names the file. */
  name: string
  remove(): Promise<void>
}

/**
 * Downloads at most 1 GiB.
 * @throws Refusal `invalid_input` for an address that may not be asked or answers with an error of its own (4xx),
 *   `unavailable` for one that doesn't answer.
 */
export async function downloadFeed(
  url: string,
  options: Pick<SafeFetchOptions, 'allowPrivate' | 'resolve'>,
): Promise<Download> {
  const { status, body } = await safeOpen(url, { ...options, maxBytes: MOST_BYTES })
  if (status < 200 || status > 299) {
    await body.return(undefined)
    const sentence = `${new URL(url).host} answers ${status} where the feed should be.`
    throw new Refusal(status >= 500 ? 'unavailable' : 'invalid_input', sentence)
  }
  const directory = await mkdtemp(join(tmpdir(), 'lifecircle-download-'))
  const remove = () => rm(directory, { recursive: true, force: true })
  const path = join(directory, 'feed')
  try {
    await pipeline(Readable.from(body), createWriteStream(path))
  } catch (error) {
    await remove()
    throw error
  }
  return { path, name: basename(new URL(url).pathname) || 'feed', remove }
}
