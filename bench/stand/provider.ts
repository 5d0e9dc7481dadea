/**
 * A provider of event streams that costs next to nothing: bare sockets and prepared bytes. Each behaviour has a port of its own, so
 * that no request needs to be understood: `node provider.ts BURST PACED STAMPED WAITING`. Any message of its parent process is answered
 * with what it has sent so far, in the same order.
 */
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { closingEvents, eventsPerStream, textEvent } from './answers.ts'

/** What was asked of a provider, and what it sent. */
export interface Provided {
  readonly requests: number
  readonly events: number
}

/** Answers one request, and counts what it writes. */
type Answer = (socket: Socket, sent: (events: number) => void) => void

/** ms between two events of a paced stream: 100 tokens a second. */
const pace = 10
/** ms between two events of a stream that mostly waits. */
const waitingPace = 1_000

const responseHead = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n'
const endOfBody = '0\r\n\r\n'
const texts = Array.from({ length: eventsPerStream - closingEvents.length }, (_, index) => textEvent(` word${index}`))
const chunks = [...texts, ...closingEvents].map(chunk)
const first = Buffer.from(responseHead + chunks[0])
const middle = chunks.slice(1, -1).map(text => Buffer.from(text))
const last = Buffer.from(chunks.at(-1) + endOfBody)
const whole = Buffer.concat([first, ...middle, last])

/** Everything at once. */
const burst: Answer = (socket, sent) => {
  socket.write(whole)
  sent(chunks.length)
}

/** One event after another. */
function inSteps (ms: number): Answer {
  return (socket, sent) => {
    const rest = [...middle, last].values()
    socket.write(first)
    sent(1)
    const timer = setInterval(() => {
      const { value, done } = rest.next()
      if (done === true || socket.destroyed) {
        clearInterval(timer)
        return
      }
      socket.write(value)
      sent(1)
    }, ms)
  }
}

/** Every text says when it was sent, in ns of the clock that all processes of a machine share. */
const stamped: Answer = (socket, sent) => {
  sent(chunks.length)
  let left = texts.length
  socket.write(responseHead + stampedChunk())
  const timer = setInterval(() => {
    if (--left > 0) {
      socket.write(stampedChunk())
      return
    }
    clearInterval(timer)
    socket.write(closingEvents.map(chunk).join('') + endOfBody)
  }, 2)
}

function stampedChunk (): string {
  return chunk(textEvent(`@${process.hrtime.bigint()}`))
}

function chunk (text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

/** Calls `answer` when a request has come whole. Requests have a length and are not pipelined. */
function serve (port: number, answer: Answer): () => Provided {
  let requests = 0
  let events = 0
  const sent = (more: number): void => { events += more }
  createServer({ noDelay: true }, socket => {
    let missing = -1
    let head = ''
    socket.on('error', () => { socket.destroy() })
    socket.on('data', bytes => {
      if (missing < 0) {
        head += bytes.toString('latin1')
        const end = head.indexOf('\r\n\r\n')
        if (end < 0) return
        missing = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) - (head.length - end - 4)
      } else {
        missing -= bytes.length
      }
      if (missing > 0) return
      missing = -1
      head = ''
      requests++
      answer(socket, sent)
    })
  }).listen(port, '127.0.0.1')
  return () => ({ requests, events })
}

const behaviours = [burst, inSteps(pace), stamped, inSteps(waitingPace)]
const counts = behaviours.map((answer, index) => serve(Number(process.argv[index + 2]), answer))
process.on('message', () => { process.send?.(counts.map(count => count())) })
