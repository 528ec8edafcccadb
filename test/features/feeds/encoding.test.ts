import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodedLines, type Encoding, LONGEST_LINE } from '../../../src/features/feeds/tabular/encoding.ts'
import { fileOf } from './reading.ts'

async function lines(bytes: Uint8Array, encoding?: Encoding, piece = 3) {
  const found: { line: number; text: string; fault?: string }[] = []
  let told: [Encoding, boolean] | undefined
  const options = { encoding, onEncoding: (name: Encoding, guessed: boolean) => (told = [name, guessed]) }
  for await (const batch of decodedLines(fileOf('x', bytes, piece).open(), options)) found.push(...batch)
  return { found, texts: found.map(({ text }) => text), told: told as [Encoding, boolean] | undefined }
}

const utf16 = (text: string, swap: boolean) => {
  const bytes = Buffer.from(text, 'utf16le')
  return swap ? bytes.swap16() : bytes
}

/** Every character of the text in the encoding, found by asking the decoder about each pair of bytes. */
function encoded(text: string, encoding: 'gb18030' | 'big5'): Buffer {
  const decoder = new TextDecoder(encoding)
  const pairs = new Map<string, number[]>()
  for (let a = 0x81; a <= 0xfe; a++) {
    for (let b = 0x40; b <= 0xfe; b++) {
      const character = decoder.decode(Uint8Array.of(a, b))
      if (character.length === 1 && !pairs.has(character)) pairs.set(character, [a, b])
    }
  }
  return Buffer.from([...text].flatMap((character) => pairs.get(character) ?? [character.charCodeAt(0)]))
}

const TRADITIONAL =
  '編號,據點名稱,行政區\n1,財團法人新北市基督教新希望教會,士林區\n2,天和社區發展協會,大安區\n'
const SIMPLIFIED = '编号,名称,地址\n1,北京市海淀区养老服务中心,中关村大街\n2,上海市日间照料中心,漕溪北路\n'
const WESTERN = 'id,name\n1,Café Münster\n2,Größe und naïve façade\n'

describe('what a file is written in', () => {
  test.each([1, 2, 3, 5, 64])('UTF-8, in pieces of %i bytes', async (piece) => {
    const { texts, told } = await lines(Buffer.from(TRADITIONAL), undefined, piece)
    expect(texts).toEqual(TRADITIONAL.trimEnd().split('\n'))
    expect(told).toEqual(['utf-8', false])
  })

  test('a byte order mark is no part of the text, in UTF-8 and both UTF-16', async () => {
    for (const bytes of [
      Buffer.from(`\uFEFF${TRADITIONAL}`),
      utf16(`\uFEFF${TRADITIONAL}`, false),
      utf16(`\uFEFF${TRADITIONAL}`, true),
    ]) {
      expect((await lines(bytes)).texts).toEqual(TRADITIONAL.trimEnd().split('\n'))
    }
  })

  test('UTF-16 without a mark, by its zero bytes', async () => {
    const { texts, told } = await lines(utf16(WESTERN, true))
    expect(texts).toEqual(WESTERN.trimEnd().split('\n'))
    expect(told).toEqual(['utf-16be', true])
  })

  test.each([
    ['big5', TRADITIONAL],
    ['gb18030', SIMPLIFIED],
  ] as const)('%s is told by its letters, wherever the pieces end', async (encoding, text) => {
    for (const piece of [1, 3, 64]) {
      const { texts, told } = await lines(encoded(text, encoding), undefined, piece)
      expect(told).toEqual([encoding, true])
      expect(texts).toEqual(text.trimEnd().split('\n'))
    }
  })

  test('windows-1252, with its own characters where Latin-1 has none', async () => {
    const bytes = Buffer.from(`${WESTERN}3,\x80 5 \x96 \x93x\x94\n`, 'latin1')
    const { texts, told } = await lines(bytes)
    expect(told).toEqual(['windows-1252', true])
    expect(texts).toEqual([...WESTERN.trimEnd().split('\n'), '3,€ 5 – “x”'])
  })

  test('a late first letter decides too', async () => {
    const head = 'only,ascii\n'.repeat(20_000)
    const { texts, told } = await lines(
      Buffer.concat([Buffer.from(head), encoded(TRADITIONAL, 'big5')]),
      undefined,
      9999,
    )
    expect(told).toEqual(['big5', true])
    expect(texts.slice(20_000)).toEqual(TRADITIONAL.trimEnd().split('\n'))
  })

  test('the caller may know better', async () => {
    const { texts, told } = await lines(encoded('甲,乙\n', 'big5'), 'big5')
    expect([texts, told]).toEqual([['甲,乙'], ['big5', false]])
  })
})

describe('what cannot be decoded', () => {
  test('costs its line, and no line has a replacement character', async () => {
    const bytes = Buffer.concat([
      Buffer.from('一,好\n二,'),
      Buffer.from([0xe5, 0x41, 0xff]),
      Buffer.from('\n三,也好\n四,很好\n'),
    ])
    const { found } = await lines(bytes)
    expect(found).toEqual([
      { line: 1, text: '一,好' },
      { line: 2, text: '', fault: 'bytes that are no utf-8' },
      { line: 3, text: '三,也好' },
      { line: 4, text: '四,很好' },
    ])
  })

  test('a line without end is given up, and the next one has its own number', async () => {
    const bytes = Buffer.concat([
      Buffer.from('a\n'),
      Buffer.alloc(LONGEST_LINE + 70_000, 0x78),
      Buffer.from('\nb\n'),
    ])
    const { found } = await lines(bytes, undefined, 65_536)
    expect(found.map(({ line, text, fault }) => [line, text, fault !== undefined])).toEqual([
      [1, 'a', false],
      [2, '', true],
      [3, 'b', false],
    ])
  })
})

test('line breaks of every kind, wherever the pieces end', async () => {
  const breaks = fc.constantFrom('\n', '\r\n', '\r')
  const parts = fc.array(
    fc.tuple(fc.string({ unit: fc.constantFrom('a', '里', 'é', ','), maxLength: 4 }), breaks),
  )
  await fc.assert(
    fc.asyncProperty(parts, fc.integer({ min: 1, max: 9 }), async (given, piece) => {
      // A line that ends in CR before an empty one that ends in LF would be one CRLF.
      fc.pre(given.every(([text, end], at) => !(text === '' && end === '\n' && given[at - 1]?.[1] === '\r')))
      const bytes = Buffer.from(given.map(([text, end]) => text + end).join(''))
      const { texts, found } = await lines(bytes, undefined, piece)
      expect(texts).toEqual(given.map(([text]) => text))
      expect(found.map(({ line }) => line)).toEqual(given.map((_, at) => at + 1))
    }),
  )
})
