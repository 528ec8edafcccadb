import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Refusal } from '../platform/errors.ts'

/**
 * Checks before the work, not behind it, that there is a folder for the file it will end with.
 * @param what what the file will hold, as a sentence begins: `The result`.
 * @throws Refusal `invalid_input` where there is none to write to.
 */
export async function checkFolderFor(path: string, what: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK)
  } catch {
    throw new Refusal(
      'invalid_input',
      `${what} cannot be written to ${path}: its directory is not there to write to.`,
    )
  }
}
