import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  parseXml,
  type XmlElement,
  XmlError,
} from '../../../src/features/feeds/taxonomies/taxonomy-xml-reader.ts'

describe('what is read', () => {
  test('elements, attributes in both quotes, text, entities, comments, CDATA, a prolog of any version', () => {
    const root = parseXml(
      `\uFEFF<?xml version="2.0"?>\n<!-- no <a> -->\n<a one="1 &amp; 2" two='"'>x &lt;y&gt; &#20013;&#x6587;
       <b/> <![CDATA[<&]]> z</a>\n<!-- end -->`,
    )
    expect(root).toEqual({
      name: 'a',
      attributes: { one: '1 & 2', two: '"' },
      text: 'x <y> 中文 <& z',
      line: 3,
      children: [{ name: 'b', attributes: {}, text: '', line: 4, children: [] }],
    })
  })

  test('entities are not read twice', () => {
    expect(parseXml('<a>&amp;lt;</a>').text).toBe('&lt;')
  })

  test('whatever was written comes back', () => {
    const written = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    const write = ({ name, attributes, children, text }: XmlElement): string =>
      `<${name}${Object.entries(attributes)
        .map(([key, value]) => ` ${key}="${written(value)}"`)
        .join('')}>` + `${written(text)}${children.map(write).join('')}</${name}>`
    const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,5}$/)
    const text = fc.string({ unit: 'binary' }).map((given) => given.replace(/\s+/g, ' ').trim())
    const attributes = fc.dictionary(
      name.filter((key) => key !== '__proto__'),
      fc.string({ unit: 'binary' }),
    )
    const element = (depth: number): fc.Arbitrary<XmlElement> =>
      fc.record({
        name,
        text,
        line: fc.constant(0),
        attributes: attributes.map((given) => ({ ...given })),
        children: depth === 0 ? fc.constant([]) : fc.array(element(depth - 1), { maxLength: 3 }),
      })
    const bare = ({ line: _, children, ...rest }: XmlElement): unknown => ({
      ...rest,
      children: children.map(bare),
    })
    fc.assert(
      fc.property(element(2), (given) => {
        expect(bare(parseXml(write(given)))).toEqual(bare(given))
      }),
    )
  })
})

describe('what is refused, with its line', () => {
  test.each([
    ['nothing', '', 1],
    ['an end that belongs to nothing', '</a>', 1],
    ['ends in another order', '<a>\n<b></a></b>', 2],
    ['an end that is missing', '<a>\n<b/>', 2],
    ['a second root', '<a/>\n<b/>', 2],
    ['text outside', '<a/>\n<!-- -->x', 2],
    ['a document type', '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', 1],
    ['entities that expand', '<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>', 1],
    ['an entity that nobody defined', '<a>\n&b;</a>', 1],
    ['an entity without an end', '<a>R&D</a>', 1],
    ['a character that there is not', '<a>&#xD800;</a>', 1],
    ['an attribute twice', '<a b="1" b="2"/>', 1],
    ['an attribute without quotes', '<a b=1/>', 1],
    ['a tag without an end', '<a', 1],
    ['a comment without an end', '<a/><!-- ', 1],
    ['a < in text', '<a>1 < 2</a>', 1],
    ['65 levels', `${'<a>'.repeat(65)}${'</a>'.repeat(65)}`, 1],
  ])('%s', (_, text, line) => {
    const thrown = (() => {
      try {
        return parseXml(text)
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(XmlError)
    expect((thrown as XmlError).line).toBe(line)
  })

  test('64 levels are read', () => {
    expect(parseXml(`${'<a>'.repeat(64)}${'</a>'.repeat(64)}`).name).toBe('a')
  })

  test('never hangs or throws anything else, whatever comes', () => {
    const part = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '"',
      "'",
      '=',
      ' ',
      '&',
      ';',
      '#',
      '!',
      '--',
      '?',
      '<![CDATA[',
      ']]>',
    )
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        try {
          parseXml(parts.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(XmlError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
