// Passkeys: the only thing on these pages that cannot work without a script.
// The server asks, the browser's key answers, a plain form carries the answer.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

async function asked(form) {
  const answer = await fetch(form.dataset.ask, { method: 'POST' });
  if (!answer.ok) throw new Error('ask');
  return answer.json();
}

async function add(options) {
  const wanted = options.publicKey;
  wanted.challenge = bytes(wanted.challenge);
  wanted.user.id = bytes(wanted.user.id);
  for (const one of wanted.excludeCredentials ?? []) one.id = bytes(one.id);
  const made = await navigator.credentials.create({ publicKey: wanted });
  return {
    id: made.id, rawId: text(made.rawId), type: made.type, extensions: made.getClientExtensionResults(),
    response: {
      attestationObject: text(made.response.attestationObject),
      clientDataJSON: text(made.response.clientDataJSON),
      transports: made.response.getTransports?.() ?? [],
    },
  };
}

async function show(options) {
  const wanted = options.publicKey;
  wanted.challenge = bytes(wanted.challenge);
  for (const one of wanted.allowCredentials ?? []) one.id = bytes(one.id);
  const shown = await navigator.credentials.get({ publicKey: wanted });
  const { response } = shown;
  return {
    id: shown.id, rawId: text(shown.rawId), type: shown.type, extensions: shown.getClientExtensionResults(),
    response: {
      authenticatorData: text(response.authenticatorData),
      clientDataJSON: text(response.clientDataJSON),
      signature: text(response.signature),
      userHandle: response.userHandle ? text(response.userHandle) : null,
    },
  };
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener('submit', async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    const told = form.querySelector('[role=status]');
    told.textContent = '';
    try {
      const { key, options } = await asked(form);
      const answer = await (form.dataset.passkey === 'add' ? add(options) : show(options));
      form.elements.key.value = key;
      form.elements.answer.value = JSON.stringify(answer);
      form.submit();
    } catch {
      told.textContent = '通行密钥没有用成。可以再点一次，或者用别的办法。';
    }
  });
}
