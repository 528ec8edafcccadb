/** Parts of a run's snapshot as they are kept: compressed, sealed, and bound to the run and their place in it. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { Refusal } from '../../platform/errors.ts'
import { createTextSeal } from '../../platform/sealed-text.ts'

/** Texts of a kilobyte gain nothing by more. */
const FAST = { level: 1 }

export interface SnapshotSeal {
  seal(runId: string, number: number, part: object): string
  /**
   * Null where the seal is broken: whatever was written over it, it is not what was kept.
   * @throws Refusal `config_invalid` when it was sealed with another key.
   */
  open(runId: string, number: number, content: string): unknown
}

export function createSnapshotSeal(encryptionKey: Uint8Array): SnapshotSeal {
  const seal = createTextSeal(encryptionKey, 'lifecircle run snapshot')
  const nameOf = (runId: string, number: number) => `${runId} ${number}`
  return {
    seal: (runId, number, part) =>
      seal.sealBytes(nameOf(runId, number), gzipSync(JSON.stringify(part), FAST)),
    open: (runId, number, content) => {
      try {
        return JSON.parse(gunzipSync(seal.openBytes(nameOf(runId, number), content)).toString('utf8'))
      } catch (error) {
        if (error instanceof Refusal) throw error
        return null
      }
    },
  }
}
