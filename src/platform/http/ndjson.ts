/** Newline-delimited JSON: one object a line, written as fast as it is read. */
import type { Context as HonoContext } from 'hono'

export const NDJSON = 'application/x-ndjson'

/** Answers with a line for each object. The first is made before anything is sent, so that what fails answers so. */
export async function answerNdjson(c: HonoContext, objects: AsyncIterable<unknown>): Promise<Response> {
  const iterator = objects[Symbol.asyncIterator]()
  const encoder = new TextEncoder()
  let upcoming: Promise<IteratorResult<unknown>> | null = Promise.resolve(await iterator.next())
  const lines = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await (upcoming ?? iterator.next())
      upcoming = null
      if (done) controller.close()
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`))
    },
    async cancel() {
      await iterator.return?.()
    },
  })
  return c.body(lines, 200, { 'Content-Type': NDJSON })
}
