/**
 * Secrets on the screen, shown or masked. Masking is for the eyes in the room: what was captured, written or judged is
 * not touched.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/conversation.ts';
import type { Model } from './model.ts';
import { sceneOf } from './model.ts';
import { Pen, dotsFor, withDots } from '../pen.ts';

/** A pen for everything on this screen: what is masked it cannot write. */
export function penFor(model: Model): Pen {
  return new Pen({ language: model.language, ascii: model.ascii, hidden: hiddenOf(model) });
}

/** Every secret that the scene knows, replaced in a text of the screen, or one that leaves it. */
export function masked(model: Model, text: string): string {
  return withDots(text, hiddenOf(model));
}

/** The same, and what that message hides by its shape: passwords and sessions of any user, as sent and as decoded. */
export function maskedIn(
  model: Model,
  message: Pick<WireMessage, 'offset' | 'bytes' | 'credentials'>,
  text: string,
): string {
  if (!model.masked) return text;
  const bytes = Buffer.from(message.bytes() ?? []);
  const values = message
    .credentials()
    .flatMap(({ value, offset, length }) => [
      value,
      bytes.toString('utf8', offset - message.offset, offset - message.offset + length),
    ]);
  return withDots(masked(model, text), values.filter(Boolean));
}

function hiddenOf(model: Model): string[] {
  return model.masked ? [...(sceneOf(model)?.sources.secrets.values() ?? [])] : [];
}

/** How a value that is a secret is written. */
export function showing({ masked: isMasked }: Model): (value: string) => string {
  return (value) => (isMasked ? dotsFor(value) : value);
}
