/** `lifecircle certify <problem> <result>`: proves a result, trusting neither who made it nor how. */

import type { Certificate } from '../engine/certify.ts'
import { type FileCertifier, startCertifying } from '../engine/certify-file.ts'
import { feedBinary, feedText } from '../engine/certify-forms.ts'
import { JsonError, parseStrict } from '../engine/strict-json.ts'
import { Refusal } from '../platform/errors.ts'
import { BadInput } from './bad-input.ts'
import { nameOf, readText, takeProblem } from './input-file.ts'

/** Prints what is proved; refuses with the reason otherwise. One of the two paths may be `-`. */
export async function certifyFiles(problemPath: string, resultPath: string): Promise<void> {
  if (problemPath === '-' && resultPath === '-') {
    throw new BadInput('Only one of problem and result can come from standard input.')
  }
  const result = await readResultFile(resultPath)
  const certificate = await readCertified(problemPath, startCertifying(result))
  if (!certificate.ok) {
    if (certificate.fault === 'problem') throw new BadInput(`${nameOf(problemPath)}: ${certificate.reason}`)
    throw new Refusal('invalid_input', `Not proved: ${certificate.reason}`)
  }
  const { value, bound } = certificate
  const gap = bound === 0 ? 0 : (bound - value) / bound
  process.stdout.write(`${JSON.stringify({ proved: true, value, bound, gap })}\n`)
}

async function readResultFile(path: string): Promise<unknown> {
  const text = await readText(path)
  try {
    return parseStrict(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new BadInput(`${nameOf(path)} ${error.message}.`)
  }
}

function readCertified(path: string, certifier: FileCertifier): Promise<Certificate> {
  const feed = feedText(certifier)
  return takeProblem(path, {
    text: feed.push,
    textEnd: feed.end,
    binary: (file) => feedBinary(certifier, file),
  })
}
