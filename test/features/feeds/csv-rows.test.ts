import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { csvRows, sniffDelimiter, splitCells } from '../../../src/features/feeds/tabular/csv-rows.ts'
import { decodedLines } from '../../../src/features/feeds/tabular/encoding.ts'
import { fileOf } from './reading.ts'

async function rowsOf(text: string, piece = 5) {
  const items = []
  for await (const item of csvRows(decodedLines(fileOf('x.csv', text, piece).open()))) items.push(item)
  return items
}

test.each([
  ['a,b,c', ','],
  ['a\tb, or so\tc', '\t'],
  ['a;b;c,d', ';'],
  ['a|b|c', '|'],
  ['"a,b,c,d";e', ';'],
  ['one', ','],
])('%j is cut at %j', (header, delimiter) => {
  expect(sniffDelimiter(header)).toBe(delimiter)
})

test('quotes count around whole cells only', () => {
  expect(splitCells('a,"b ""c"", d",5" pipe, "e" ,', ',')).toEqual(['a', 'b "c", d', '5" pipe', 'e', ''])
  expect(splitCells('a,"b', ',')).toBe('open')
  expect(splitCells('a,"b"c', ',')).toBe('broken')
})

describe('a broken row costs that row and nothing else', () => {
  const header = 'id,name,city,note'

  test('too few and too many cells', async () => {
    expect(await rowsOf(`${header}\n1,a,b\n2,a,b,c\n3,a,b,c,d\n`)).toEqual([
      { line: 1, cells: ['id', 'name', 'city', 'note'] },
      { line: 2, reason: 'the row has 3 cells where the header has 4' },
      { line: 3, cells: ['2', 'a', 'b', 'c'] },
      { line: 4, reason: 'the row has 5 cells where the header has 4' },
    ])
  })

  test.each([1, 2, 50])('an unclosed quote, and another one %i rows later', async (apart) => {
    const sound = (id: number) => `${id},a,b,c`
    const between = Array.from({ length: apart - 1 }, (_, at) => sound(at + 100))
    const text = [header, sound(1), '2,"a,b,c', ...between, '3,a,"b,c', sound(4)].join('\n')
    const rows = await rowsOf(text)
    const faults = rows.filter((row) => 'reason' in row)
    expect(faults).toEqual([
      { line: 3, reason: 'a quote is opened and not closed' },
      { line: 3 + apart, reason: 'a quote is opened and not closed' },
    ])
    expect(rows).toHaveLength(4 + apart)
  })

  test('an unclosed quote in a long file', async () => {
    const rows = await rowsOf(`${header}\n1,"a,b,c\n${'2,a,b,c\n'.repeat(500)}`, 1000)
    expect(rows.filter((row) => 'cells' in row)).toHaveLength(501)
    expect(rows.filter((row) => 'reason' in row)).toHaveLength(1)
  })
})

test('line breaks inside quotes belong to the cell, and later rows keep their line numbers', async () => {
  const rows = await rowsOf('id,"the\nname"\r\n1,"two\r\n\r\nparagraphs"\r\n\r\n2,b\r\n')
  expect(rows).toEqual([
    { line: 1, cells: ['id', 'the\nname'] },
    { line: 3, cells: ['1', 'two\n\nparagraphs'] },
    { line: 7, cells: ['2', 'b'] },
  ])
})

test('what is written by the rules is read as it was, in any pieces', async () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '里', '"', ',', '\n', ' ', ';'), maxLength: 6 })
  const table = fc.array(fc.tuple(cell, cell, cell), { maxLength: 8 })
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
  await fc.assert(
    fc.asyncProperty(table, fc.integer({ min: 1, max: 11 }), async (rows, piece) => {
      const text = [['x', 'y', 'z'], ...rows].map((cells) => cells.map(quoted).join(',')).join('\r\n')
      const found = (await rowsOf(text, piece)).slice(1)
      expect(found.map((row) => ('cells' in row ? row.cells : row.reason))).toEqual(rows)
    }),
  )
})
