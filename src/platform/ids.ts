import { V7Generator } from 'uuidv7'

/** Makes UUIDv7 ids that sort in the order they were made, also within one millisecond. */
export function createIdSource(clock: () => Date): () => string {
  const generator = new V7Generator()
  return () => generator.generateOrResetCore(clock().getTime(), 10_000).toString()
}
