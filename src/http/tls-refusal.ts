/**
 * Why a certificate is not used: one sentence for the operator. In a file of its own, because every command knows it, and few need
 * TLS, which takes long to load.
 */
export class TlsRefusal extends Error {
  override readonly name = 'TlsRefusal';
}
