/**
 * The part of XML that taxonomies are written in: elements, attributes, text, comments, CDATA, and the entities that
 * XML itself defines. A document type is refused, so nothing outside the document is ever asked for and nothing
 * expands. The version in the prolog is not looked at: Open Eligibility says "2.0", a version XML does not have.
 */

export interface XmlElement {
  name: string
  attributes: Record<string, string>
  children: XmlElement[]
  /** What is written directly inside, white space at the ends and line breaks taken away. */
  text: string
  /** 1-based line of its start tag. */
  line: number
}

/** What is wrong with a text as XML. The message continues a sentence: "it …". */
export class XmlError extends Error {
  override readonly name = 'XmlError'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

const DEEPEST = 64
const NAME = '[A-Za-z_][\\w.:-]*'
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, 'y')
const OPENING = new RegExp(`<(${NAME})`, 'y')
const CLOSING = new RegExp(`</(${NAME})\\s*>`, 'y')
const ENDING = /\s*(\/?)>/y

/** @throws XmlError with the line. */
export function parseXml(text: string): XmlElement {
  const state: State = {
    text,
    at: text.startsWith('\uFEFF') ? 1 : 0,
    line: 1,
    counted: 0,
    open: [],
    root: null,
  }
  while (state.at < text.length) {
    if (text[state.at] === '<') takeMarkup(state)
    else takeText(state)
  }
  if (state.open.length > 0) throw fault(state, `ends before </${state.open.at(-1)!.name}>`)
  if (state.root === null) throw fault(state, 'holds no element')
  tidy(state.root)
  return state.root
}

interface State {
  text: string
  at: number
  line: number
  /** Line breaks are counted up to here. */
  counted: number
  open: XmlElement[]
  root: XmlElement | null
}

function takeText(state: State): void {
  const next = state.text.indexOf('<', state.at)
  const end = next < 0 ? state.text.length : next
  const raw = state.text.slice(state.at, end)
  const element = state.open.at(-1)
  if (element) element.text += decode(state, raw)
  else if (raw.trim() !== '') throw fault(state, 'has text outside its root element')
  state.at = end
}

function takeMarkup(state: State): void {
  const { text, at } = state
  if (text.startsWith('<!--', at)) passOver(state, '<!--', '-->')
  else if (text.startsWith('<?', at)) passOver(state, '<?', '?>')
  else if (text.startsWith('<![CDATA[', at)) takeCharacters(state)
  else if (text.startsWith('<!', at)) throw fault(state, 'has a document type, which is not taken')
  else if (text.startsWith('</', at)) close(state)
  else open(state)
}

function passOver(state: State, begin: string, end: string): void {
  const found = state.text.indexOf(end, state.at + begin.length)
  if (found < 0) throw fault(state, `ends before ${end}`)
  state.at = found + end.length
}

function takeCharacters(state: State): void {
  const start = state.at + '<![CDATA['.length
  const element = state.open.at(-1)
  if (!element) throw fault(state, 'has text outside its root element')
  passOver(state, '<![CDATA[', ']]>')
  element.text += state.text.slice(start, state.at - ']]>'.length)
}

function open(state: State): void {
  const line = lineOf(state)
  const name = match(state, OPENING)?.[1]
  if (name === undefined) throw fault(state, 'has a < that begins no tag')
  const element: XmlElement = { name, attributes: {}, children: [], text: '', line }
  for (let found = match(state, ATTRIBUTE); found; found = match(state, ATTRIBUTE)) {
    const attribute = found[1]!
    if (Object.hasOwn(element.attributes, attribute)) throw fault(state, `gives ${attribute} twice`)
    element.attributes[attribute] = decode(state, found[2] ?? found[3]!)
  }
  const ending = match(state, ENDING)
  if (!ending) throw fault(state, `has a tag <${name}> that does not end`)
  const parent = state.open.at(-1)
  if (parent) parent.children.push(element)
  else if (state.root !== null) throw fault(state, 'has a second root element')
  else state.root = element
  if (ending[1] === '/') return
  state.open.push(element)
  if (state.open.length > DEEPEST) throw fault(state, `is nested more than ${DEEPEST} deep`)
}

function close(state: State): void {
  const name = match(state, CLOSING)?.[1]
  const element = state.open.pop()
  if (name === undefined || element?.name !== name) {
    throw fault(
      state,
      `has ${name ? `</${name}>` : 'an end tag'} where ${element ? `</${element.name}>` : 'nothing'} ends`,
    )
  }
}

function match(state: State, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = state.at
  const found = pattern.exec(state.text)
  if (found) state.at = pattern.lastIndex
  return found
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

function decode(state: State, raw: string): string {
  return raw.replace(/&([^;&\s]*;?)/g, (whole, body: string) => {
    const name = body.slice(0, -1)
    const code = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name)
    const point = code ? Number.parseInt(code[1] ?? code[2]!, code[1] ? 16 : 10) : -1
    const isCharacter = point > 0 && point <= 0x10ffff && (point < 0xd800 || point > 0xdfff)
    const character = isCharacter ? String.fromCodePoint(point) : ENTITIES[name]
    if (!body.endsWith(';') || character === undefined) throw fault(state, `has the unknown entity ${whole}`)
    return character
  })
}

function tidy(element: XmlElement): void {
  element.text = element.text.replace(/\s+/g, ' ').trim()
  for (const child of element.children) tidy(child)
}

function lineOf(state: State): number {
  for (; state.counted < state.at; state.counted++) if (state.text[state.counted] === '\n') state.line++
  return state.line
}

function fault(state: State, message: string): XmlError {
  return new XmlError(lineOf(state), message)
}
