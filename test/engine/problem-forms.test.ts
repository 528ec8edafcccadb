/** The three forms of a problem file: JSON, NDJSON, binary. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Certificate } from '../../src/engine/certify.ts'
import { startCertifying } from '../../src/engine/certify-file.ts'
import { feedBinary, feedText } from '../../src/engine/certify-forms.ts'
import { createProblemBuilder, type Problem, ProblemError } from '../../src/engine/problem.ts'
import { readBinaryProblem, writeBinaryProblem } from '../../src/engine/problem-binary.ts'
import { problemDigest, problemJson, problemNdjson } from '../../src/engine/problem-lines.ts'
import { writeResult } from '../../src/engine/result-file.ts'
import { solve } from '../../src/engine/solve.ts'
import { smallProblem } from './support/arbitrary.ts'
import { bitsOf, linesOf, readInPieces, validFile } from './support/problem-files.ts'
import { syntheticTown } from './support/town.ts'

const text = (pieces: Iterable<string>) => [...pieces].join('')

function certifyText(result: unknown, content: string, size: number): Certificate {
  const feed = feedText(startCertifying(result))
  for (let at = 0; at < content.length; at += size) feed.push(content.slice(at, at + size))
  return feed.end()
}

/** Names that a careless writer or reader would trip over. */
function namesFromEverywhere(): Problem {
  const builder = createProblemBuilder()
  const ids = ['fund:A', '7', '__proto__', '0', '長照', '😀', '\ud800', '"\\\n{[,:]}', ' ']
  for (const [k, id] of ids.entries()) builder.account(id, k)
  builder.resident('r')
  const own = ids.map((id, k) => builder.privateAccount(id, 2 ** k))
  for (const id of ids) {
    builder.need(id)
    const uses = ids.map((_, k) => [k, k] as const).reverse()
    builder.option(id, Math.floor(2 ** 52 / ids.length), uses, [
      [own[8]!, 2 ** 40],
      [own[1]!, 1],
    ])
  }
  return builder.build()
}

describe('the same problem, to the bit, in every form', () => {
  const check = (problem: Problem, size: number) => {
    const bits = bitsOf(problem)
    const json = text(problemJson(problem))
    const ndjson = text(problemNdjson(problem))
    const binary = writeBinaryProblem(problem)
    expect(bitsOf(readInPieces(json, size))).toEqual(bits)
    expect(bitsOf(readInPieces(ndjson, size))).toEqual(bits)
    expect(bitsOf(readBinaryProblem(binary))).toEqual(bits)
    // Through a parser and a printer that put names such as "7" first.
    expect(bitsOf(readInPieces(JSON.stringify(JSON.parse(json), null, 2), size))).toEqual(bits)

    const solution = solve(problem, { rounds: 3 })
    const proven = { ok: true, value: solution.value, bound: solution.bound }
    const result = JSON.parse(JSON.stringify(writeResult(problem, solution)))
    expect(certifyText(result, json, size)).toEqual(proven)
    expect(certifyText(result, ndjson, size)).toEqual(proven)
    expect(feedBinary(startCertifying(result), binary)).toEqual(proven)
  }

  test('random small problems, in pieces of any size', () => {
    fc.assert(fc.property(smallProblem, fc.integer({ min: 1, max: 90 }), check), { seed: 41, numRuns: 150 })
  })

  test('a town, and names from everywhere', () => {
    check(syntheticTown({ needs: 200, seed: 4, options: 8 }), 1000)
    check(namesFromEverywhere(), 1)
  })

  test('the digest is the SHA-256 of the lines without residentCount, and each problem has its own', () => {
    const town = syntheticTown({ needs: 50, seed: 5, options: 6 })
    const lines = text(problemNdjson(town)).replace(/,"residentCount":\d+/, '')
    expect(problemDigest(town)).toBe(`sha256:${createHash('sha256').update(lines).digest('hex')}`)
    expect(problemDigest(syntheticTown({ needs: 50, seed: 6, options: 6 }))).not.toBe(problemDigest(town))
  })

  test('a binary town takes less than a quarter of its JSON', () => {
    const town = syntheticTown({ needs: 200, seed: 4 })
    expect(writeBinaryProblem(town).length).toBeLessThan(text(problemJson(town)).length / 4)
  })
})

const JSON_TEXT = JSON.stringify(validFile(), null, 1)
const NDJSON_TEXT = linesOf({ ...validFile(), ...{ residentCount: 1 } })
const VALID = readInPieces(JSON_TEXT)
const WHOLE = bitsOf(VALID)
const RESULT = JSON.parse(JSON.stringify(writeResult(VALID, solve(VALID, { rounds: 2 }))))

describe('text that is let pass', () => {
  test.each([
    ['a byte order mark', `\ufeff${JSON_TEXT}`],
    ['a byte order mark before NDJSON', `\ufeff${NDJSON_TEXT}`],
    ['CRLF', JSON_TEXT.replaceAll('\n', '\r\n')],
    ['CRLF in NDJSON', NDJSON_TEXT.replaceAll('\n', '\r\n')],
    ['empty lines in NDJSON', `${NDJSON_TEXT.replaceAll('\n', '\n\n \n')}\n`],
    ['NDJSON without a last line break', NDJSON_TEXT.trimEnd()],
    ['NDJSON without residentCount', linesOf(validFile())],
    ['JSON on one line', JSON.stringify(validFile())],
    ['fields in another order', JSON.stringify(Object.fromEntries(Object.entries(validFile()).reverse()))],
    [
      'fields that nobody knows',
      JSON_TEXT.replace('{', '{"list":[1,[2],{"a":"]"}],"object":{"b":"}"},"n":1.5e3,'),
    ],
  ])('%s', (_what, content) => {
    for (const size of [1, 5, 10_000]) {
      expect(bitsOf(readInPieces(content, size))).toEqual(WHOLE)
      expect(certifyText(RESULT, content, size).ok).toBe(true)
    }
  })

  test('a community of nobody, said in so many words', () => {
    const nobody = { ...validFile(), residents: [] }
    expect(readInPieces(JSON.stringify(nobody)).names.residents).toEqual([])
    expect(readInPieces(linesOf({ ...nobody, ...{ residentCount: 0 } })).names.residents).toEqual([])
  })
})

describe('text that is refused', () => {
  const header = NDJSON_TEXT.slice(0, NDJSON_TEXT.indexOf('\n') + 1)
  const resident = NDJSON_TEXT.slice(header.length).trimEnd()
  test.each<[string, RegExp]>([
    ['', /^The problem is empty: there is no text\.$/],
    [' \r\n\t', /^The problem is empty: there is no text\.$/],
    ['\ufeff', /^The problem is empty: there is no text\.$/],
    ['[]', /^Line 1: A problem is a JSON object, and this begins with "\["\.$/],
    ['\n\nid,limit', /^Line 3: A problem is a JSON object, and this begins with "i"\.$/],
    [
      JSON_TEXT.slice(0, 90),
      /^Line \d+: the text ends in the middle of accounts\[0\]; the file is cut off\.$/,
    ],
    [
      JSON_TEXT.slice(0, -12),
      /^Line \d+: the text ends in the middle of residents\[0\]; the file is cut off\.$/,
    ],
    [JSON_TEXT.slice(0, -1), /^Line \d+: the text ends in the middle of residents; the file is cut off\.$/],
    ['{', /^Line 1: the text ends in the middle of the problem; the file is cut off\.$/],
    [`${JSON_TEXT}{}`, /^Line \d+: there is more text behind the end of the problem\.$/],
    [`${JSON_TEXT}\n\n7`, /^Line \d+: there is more text behind the end of the problem\.$/],
    [
      JSON_TEXT.replace(/,\s*"residents"/, ';"residents"'),
      /^Line \d+: There is ";" where JSON has "," or "}"\.$/,
    ],
    [JSON_TEXT.replace('"format"', 'format'), /^Line 2: There is "f" where JSON has the name of a field\.$/],
    [
      JSON_TEXT.replace('"limit": 1000', '"limit": 01000'),
      /^Line \d+: accounts\[0\] is not valid JSON: .*\.$/,
    ],
    [JSON_TEXT.replace('"limit": 1000', '"limit": NaN'), /^Line \d+: accounts\[0\] is not valid JSON: .*\.$/],
    [JSON_TEXT.replace('"format"', '"\\x"'), /^Line 2: The name "\\x" is not valid JSON\.$/],
    [
      JSON_TEXT.replace('"limit": 1000', '"limit": 1, "limit": 1000'),
      /^Line \d+: accounts\[0\] lists the name "limit" twice in one object\.$/,
    ],
    [
      JSON_TEXT.replace('"fund:A": 20', '"fund:A": 20, "fund:\\u0041": 1'),
      /^Line \d+: residents\[0\] lists the name "fund:\\u0041" twice in one object\.$/,
    ],
    [JSON_TEXT.replace('{', '{"accounts":[],'), /^Line \d+: The field accounts is listed twice\.$/],
    [`{"format":"lifecircle-problem/1","x":${'['.repeat(200)}`, /cut off/],
    [
      `{"format":"lifecircle-problem/1","x":{"y":${'['.repeat(200)}${']'.repeat(200)}}}`,
      /nested more than 64 deep/,
    ],
    [
      JSON.stringify({ ...validFile(), residents: {} }),
      /^Line 1: residents must be a list, not an object\.$/,
    ],
    [
      JSON.stringify({ format: 'lifecircle-problem/1', accounts: [] }, null, 1),
      /^residents must be a list, not missing\.$/,
    ],
    [JSON.stringify({ ...validFile(), accounts: undefined }), /^accounts must be a list, not missing\.$/],
    [JSON.stringify({ ...validFile(), format: undefined }), /^The field format must be .*, not missing\.$/],
    [linesOf({ ...validFile(), residents: [] }), /^There are no residents: /],
    [header, /^There are 0 residents, but the header says 1: lines are missing\.$/],
    [`${header}${resident.slice(0, -20)}`, /^Line 2: the line, the last of the file, is not valid JSON: /],
    [`${header}${resident.slice(0, -20)}\n${resident}`, /^Line 2: the line is not valid JSON: /],
    [`${header}${resident}\n{}`, /^Line 3: id must be a text, not missing\.$/],
    [`${header}${resident}\n[]`, /^Line 3: The resident must be an object, not a list\.$/],
    [`${header.trimEnd()}${resident}`, /^Line 1: there is more text behind the header\.$/],
    [header.replace(':1}', ':-1}'), /^Line 1: residentCount must be an integer from 0, not -1\.$/],
  ])('%j', (content, sentence) => {
    for (const size of [1, 13, 10_000]) {
      expect(() => readInPieces(content, size)).toThrow(ProblemError)
      expect(() => readInPieces(content, size)).toThrow(sentence)
    }
    expect(certifyText(RESULT, content, 13)).toMatchObject({ ok: false, fault: 'problem' })
  })

  test('NDJSON that ends anywhere before its end', () => {
    const content = text(problemNdjson(syntheticTown({ needs: 8, seed: 2, options: 2 })))
    for (let end = 0; end < content.length - 1; end++) {
      expect(() => readInPieces(content.slice(0, end), 500)).toThrow(ProblemError)
    }
  })

  test('JSON that ends anywhere before its end', () => {
    for (let end = 0; end < JSON_TEXT.length; end++) {
      expect(() => readInPieces(JSON_TEXT.slice(0, end), 50)).toThrow(ProblemError)
    }
  })
})

describe('binary files that are refused', () => {
  const town = syntheticTown({ needs: 12, seed: 2, options: 4 })
  const file = writeBinaryProblem(town)
  const result = JSON.parse(JSON.stringify(writeResult(town, solve(town, { rounds: 5 }))))
  const refused = (broken: Uint8Array, sentence = /./) => {
    expect(() => readBinaryProblem(broken)).toThrow(ProblemError)
    expect(() => readBinaryProblem(broken)).toThrow(sentence)
    expect(feedBinary(startCertifying(result), broken)).toMatchObject({ ok: false, fault: 'problem' })
  }

  test('every byte matters', () => {
    const some = fc.tuple(fc.nat({ max: file.length - 1 }), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(some, ([at, by]) => {
        const copy = file.slice()
        copy[at] = copy[at]! ^ by
        refused(copy)
      }),
      { seed: 42, numRuns: 300 },
    )
    for (let at = 0; at < 210; at++) refused(file.map((byte, i) => (i === at ? byte ^ 1 : byte)))
  })

  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /^The problem is empty: there are no bytes\.$/],
    ['text', new TextEncoder().encode(JSON_TEXT), /^This is no binary problem/],
    ['only the mark', file.slice(0, 8), /ends in its header, after 8 bytes/],
    ['the first half', file.slice(0, file.length / 2), /has \d+ bytes instead of \d+/],
    ['all but the last byte', file.slice(0, -1), /has \d+ bytes instead of \d+/],
    ['one byte more', Uint8Array.of(...file, 0), /has \d+ bytes instead of \d+/],
    [
      'another version',
      file.map((byte, i) => (i === 8 ? 2 : byte)),
      /version 2; this program reads version 1/,
    ],
    ['a flipped bit', file.map((byte, i) => (i === 300 ? byte ^ 4 : byte)), /checksum/],
  ])('%s', (_what, broken, sentence) => refused(broken, sentence))

  test('columns that do not fit together, under a checksum that holds', () => {
    let refusals = 0
    for (let at = 56; at < file.length; at += 3) {
      const forged = file.map((byte, i) => (i === at ? byte + 1 : byte))
      forged.set(createHash('sha256').update(forged.subarray(56)).digest(), 24)
      // What is still a problem is another problem, and has another digest.
      try {
        expect(problemDigest(readBinaryProblem(forged))).not.toBe(problemDigest(town))
        expect(feedBinary(startCertifying(result), forged).ok).toBe(false)
      } catch (error) {
        expect(error).toBeInstanceOf(ProblemError)
        expect(feedBinary(startCertifying(result), forged).ok).toBe(false)
        refusals++
      }
    }
    expect(refusals).toBeGreaterThan(100)
  })
})
