/**
 * Defines what is known of a program that a command starts: how it is led through a proxy, which of its arguments and variables
 * say whom it trusts and what it presents, and how it is told otherwise. `programs.ts` has the rows.
 */
import type { Address } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import type { StarttlsName } from '../../wire/starttls/protocols.ts';
import type { Yaml } from '../../pki/kubeadm/kubeconfig.ts';
import type { Library } from './saying.ts';

/** The words of a command, its program first. */
export type Words = readonly string[];

/** A command with `{}` in the place of its target. */
export interface Placed {
  /** HOST:PORT, as it was written. */
  readonly to: string;
  readonly words: Words;
}

/** The proxy that a command names in its own arguments, which come before the variables. */
export interface OwnProxy {
  /** The command without it. */
  readonly words: Words;
  /** As the variables of the environment would have it: `https_proxy`, `http_proxy`, `no_proxy`; empty ones name no proxy. */
  readonly variables: Readonly<Record<string, string>>;
  /** The option that names it. */
  readonly option: string;
  /** The address of a proxy by which that one is reached. */
  readonly via?: string;
  /** Of its own TLS: the file with the CAs that are trusted for it, what is presented to it, and whether it is verified. */
  readonly authorities?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly isInsecure?: true;
}

/** How a command is changed so that it does otherwise. */
export interface Alteration {
  /** Put before it. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Options with their values; `--option=` where the two are one word. One that is given already gets the new value. */
  readonly options?: Readonly<Record<string, string>>;
  /** Put in the place of what one of the words says: the first group of the pattern is the value. */
  readonly patterns?: readonly (readonly [RegExp, string])[];
  /** Put behind its program, or behind its first word that is `behind`. */
  readonly words?: readonly string[];
  readonly behind?: string;
  /** To type in the place of the command, or before it. */
  readonly instead?: string;
}

/** What the arguments and variables of a command say; paths as they were written. */
export interface Intent {
  readonly authorities?: string;
  /** PEM, where the settings of the program hold them themselves. */
  readonly authoritiesText?: string;
  /** By a variable that the code that is run may leave aside. */
  readonly mayTrustOthers?: true;
  /** The name that it verifies, by an option of its own for that. */
  readonly verifies?: string;
  /** What names the server: `--tls-server-name`, or the file of its settings. */
  readonly serverNameBy?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly alpn?: readonly string[];
  readonly starttls?: StarttlsName;
  /** It accepts any certificate. */
  readonly isInsecure?: true;
}

/** A file that arguments, variables or settings name. */
export interface NamedFile {
  readonly path: string;
  /** `other`: an argument of a program of which no more is known. */
  readonly kind: 'authorities' | 'certificate' | 'key' | 'other';
  /** What names it, as a person would say: `--cacert`, `SSL_CERT_FILE`. */
  readonly by: string;
  /** By a variable, which may be left from something else. */
  readonly isVariable: boolean;
  /** A PKCS #12 or JKS file, with the password that is given for it. */
  readonly store?: { readonly password: string | undefined };
}

/** What a file of settings says of the connection; paths as they are to be opened. */
export interface Settings
  extends Pick<
    Intent,
    'authorities' | 'authoritiesText' | 'certificate' | 'key' | 'serverName' | 'serverNameBy' | 'isInsecure'
  > {
  /** The file. */
  readonly by: string;
}

/** By which options (`--cacert`, `-CAfile`) and variables each is given. */
export interface Given {
  readonly options?: readonly string[];
  readonly variables?: readonly string[];
  /** With the value in its place: `http.sslCAInfo=(.*)`, in any word. */
  readonly patterns?: readonly RegExp[];
  /** Which of the places counts first, if not the command itself, then a variable, then a file of settings. */
  readonly order?: readonly ('words' | 'variables' | 'settings')[];
  /** Which of the variables counts depends on the program: they say something only where they agree. */
  readonly isAnyOf?: true;
}

export interface Program {
  readonly name: string;
  /** By the last part of the path of its file, without its ending. */
  readonly files: RegExp;
  /** Whose words it prints. */
  readonly libraries: readonly Library[];
  /** It reports a certificate that it does not accept, and goes on. */
  readonly goesOn?: true;
  /** What it says of a failure is on its standard output too; a pattern: in these lines of it alone. */
  readonly speaksOnStdout?: true | RegExp;
  /**
   * `variables`: by those of proxies; `own`: by words of its own that are added (`adapted`); `place`: only by `{}` in the place of
   * its target.
   */
  readonly led: 'variables' | 'own' | 'place';
  /** With the words that lead it through a proxy, if there is one, and that have it write its keys to a file. */
  readonly adapted?: (words: Words, keylogFile: string, proxy?: string) => Words;
  /** How to lead it, where nothing came through; `COMMAND` behind `wirelab why`. */
  readonly pointing: { readonly words: Localized; readonly command: string };
  /** The command with `{}` in the place of its target, if not as for all others (`placeIn`). */
  readonly place?: (words: Words) => Placed | undefined;
  /** Where its arguments lead it for a name, if not where this machine's resolver does. */
  readonly addressOf?: (words: Words, to: Address) => Address | undefined;
  /** The proxy that its arguments name. */
  readonly proxyOf?: (words: Words) => OwnProxy | undefined;
  /** It asks this machine's resolver, unless one of these options is given; absent where that is up to the code it runs. */
  readonly resolvesUnless?: readonly string[];
  /** Whom it trusts unless it is told otherwise: this machine's CAs, or a list of its own. */
  readonly trusts: 'system' | 'own';
  readonly authorities?: Given;
  /** A folder of CAs, in which OpenSSL looks for files that are named by the hash of a subject. */
  readonly folder?: Given;
  readonly certificate?: Given;
  readonly key?: Given;
  readonly serverName?: Given;
  /** The name that it verifies, where that is not the one that it asks for. */
  readonly verifiedName?: Given;
  readonly alpn?: Given;
  readonly starttls?: Given;
  readonly insecure?: Given;
  /** Its stores of CAs and of its own key. */
  readonly stores?: (words: Words, variables: NodeJS.ProcessEnv) => readonly NamedFile[];
  /** What stands in its settings, where the arguments say nothing. */
  readonly settings?: (
    words: Words,
    variables: NodeJS.ProcessEnv,
    loadYaml: () => Promise<Yaml>,
  ) => Promise<Settings | undefined>;
  /** It runs code that may trust others than the variables say. */
  readonly runsCode?: true;
  /** The option that says how strict it is: `--priority`. */
  readonly policy?: Given;
  /** Where its own list of CAs is, and how one is added to it. */
  readonly storeWords?: (words: Words, variables: NodeJS.ProcessEnv) => Localized;
  /** What has it trust a CA, and present a certificate. */
  readonly trust: (words: Words, said: string, variables: NodeJS.ProcessEnv) => Alteration;
  /** What has it trust a CA for a proxy that is spoken to over TLS. */
  readonly trustProxy?: Alteration;
  readonly present?: (words: Words, variables: NodeJS.ProcessEnv) => Alteration;
  /** The exit codes with which it says that it does not accept the server's certificate, where its words do not say why. */
  readonly refusing?: readonly number[];
}
