/**
 * A lock on the embedded data directory. PGlite has none: a second process opens the same directory and rows
 * vanish. No well-kept library fits: those that refresh a timestamp take a busy event loop for a dead owner.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { Refusal } from '../errors.ts'

interface Owner {
  pid: number
  host: string
  /** When the process started, in kernel ticks; tells a reused process id from the owner. Null off Linux. */
  started: string | null
}

/**
 * Takes the directory's lock, replacing that of an owner that is gone.
 *
 * @returns the function that gives it back.
 * @throws Refusal `data_dir_locked` while another process holds it, `config_invalid` where no directory can be.
 */
export function lockDataDir(directory: string): () => void {
  makeDirectory(directory)
  const path = join(directory, 'lock')
  const mine = JSON.stringify({ pid: process.pid, host: hostname(), started: startOf(process.pid) })
  if (!createLock(path, mine)) {
    const owner = readOwner(path)
    if (owner && isAlive(owner)) throw locked(directory, owner)
    removeStale(path, directory)
    if (!createLock(path, mine)) throw locked(directory, readOwner(path))
  }
  return () => {
    if (existsSync(path) && readFileSync(path, 'utf8') === mine) rmSync(path)
  }
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    const reason = (error as Error).message
    throw new Refusal(
      'config_invalid',
      `LIFECIRCLE_DATA_DIR: ${directory} is no directory to use: ${reason}.`,
      {
        cause: error,
      },
    )
  }
}

function createLock(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function readOwner(path: string): Owner | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Owner
  } catch {
    return null
  }
}

/** Renaming is atomic: of two processes that find the same stale lock, one gets the file, the other ENOENT. */
function removeStale(path: string, directory: string): void {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const taken = readOwner(aside)
  if (taken && isAlive(taken)) {
    renameSync(aside, path)
    throw locked(directory, taken)
  }
  rmSync(aside)
}

function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return owner.started === null || startOf(owner.pid) === owner.started
}

/** Field 22 of /proc/<pid>/stat, counted after the command name, which may hold spaces. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

function locked(directory: string, owner: Owner | null): Refusal {
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'another process'
  const elsewhere = owner && owner.host !== hostname()
  // Nobody can look into another host, and a container gets a new name every time it is made.
  const gone = elsewhere ? ` If that host is gone, delete ${join(directory, 'lock')}.` : ''
  return new Refusal(
    'data_dir_locked',
    `The data directory ${directory} is in use by ${who}. Stop that process, or set LIFECIRCLE_DATA_DIR to another directory.${gone}`,
  )
}
