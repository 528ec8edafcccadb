/** The published standards that solver and certifier have in common, against other implementations of them. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../../src/engine/canonical-json.ts'
import { createSha256 } from '../../src/engine/sha256.ts'
import { parseStrict } from '../../src/engine/strict-json.ts'
import { readUtf8, utf8Length, writeUtf8 } from '../../src/engine/utf8.ts'

const reference = (data: string | Uint8Array) => `sha256:${createHash('sha256').update(data).digest('hex')}`

describe('SHA-256', () => {
  test.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    [
      'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    ],
  ])('of %j is what FIPS 180-4 says', (message, digest) => {
    expect(createSha256().text(message).digest()).toBe(`sha256:${digest}`)
  })

  test('of every length around two blocks', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = Uint8Array.from({ length }, (_, i) => i)
      expect(createSha256().bytes(bytes).digest()).toBe(reference(bytes))
    }
  })

  test('of text and bytes in pieces of any size', () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'grapheme', maxLength: 9000 }),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const sha = createSha256()
        const hash = createHash('sha256')
        for (const each of pieces) {
          if (typeof each === 'string') sha.text(each)
          else sha.bytes(each)
          hash.update(each)
        }
        expect(sha.digest()).toBe(`sha256:${hash.digest('hex')}`)
      }),
      { seed: 51, numRuns: 200 },
    )
    const long = '長😀a'.repeat(20_000)
    for (const size of [1, 7, 8191, 8192, 30_001]) {
      const sha = createSha256()
      for (let at = 0; at < long.length; at += size) sha.text(long.slice(at, at + size))
      expect(sha.digest()).toBe(reference(long))
    }
  })
})

describe('UTF-8', () => {
  test('is what the platform writes, and survives even half a surrogate pair', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
        (text) => {
          const bytes = new Uint8Array(utf8Length(text) + 1)
          const end = writeUtf8(text, bytes, 0)
          expect(end).toBe(bytes.length - 1)
          expect(readUtf8(bytes, 0, end)).toBe(text)
          if (!/\p{Surrogate}/u.test(text))
            expect(Buffer.from(text)).toEqual(Buffer.from(bytes.subarray(0, end)))
        },
      ),
      { seed: 52, numRuns: 500 },
    )
  })
})

describe('canonical JSON', () => {
  const canonical = (value: unknown) => {
    let text = ''
    canonicalJson(value, (piece) => {
      text += piece
    })
    return text
  }

  test('is the example of RFC 8785', () => {
    const example = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    }
    expect(canonical(example)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    )
  })

  test('says the same whatever the order, and reads back', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const backwards = Object.fromEntries(Object.entries(value).reverse())
        expect(canonical(backwards)).toBe(canonical(value))
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
      { seed: 53, numRuns: 300 },
    )
  })
})

describe('strict JSON', () => {
  test('is JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value, null, 1)
        expect(parseStrict(text)).toEqual(JSON.parse(text))
      }),
      { seed: 54, numRuns: 500 },
    )
  })

  test.each([
    ['{"a":1,"a":1}', 'lists the name "a" twice in one object'],
    ['[{"b":{"a":1}},{"a":{"c":":","\\"":1,"c":2}}]', 'lists the name "c" twice in one object'],
    ['{"a":1,"\\u0061":2}', 'lists the name "\\u0061" twice in one object'],
    ['{"a":}', 'is not valid JSON'],
    ['', 'is not valid JSON'],
    ['{"a"', 'is not valid JSON'],
    ['['.repeat(100_000), 'is nested more than 64 deep'],
  ])('%.60s is refused: %s', (text, message) => {
    expect(() => parseStrict(text)).toThrow(message)
  })
})
