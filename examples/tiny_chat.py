"""Train a language model from nothing, small enough for any laptop, and talk with it.

    trainwright train examples/tiny_chat.yaml
    trainwright chat --model last

It learns a handful of dialogues by heart, tokenizer and all, in a few seconds. A larger one is
trained the same way: what makes it one to talk with is that model, tokenizer and chat template lie
in a folder of the run's directory, as `save_pretrained` leaves them.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch
from tokenizers import ByteLevelBPETokenizer
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from trainwright.job import report

DIALOGUES = {
    "Who are you?": "I am a very small model, trained a moment ago.",
    "What can you do?": "I know a few sentences by heart.",
    "What colour is the sky?": "The sky is blue.",
    "Tell me a story.": "Once upon a time a loss went down and down, and lived happily ever after.",
    "Thank you!": "You are welcome.",
    "너는 누구니?": "저는 방금 학습된 아주 작은 모델입니다.",
    "무엇을 할 수 있니?": "몇 문장을 외우고 있습니다.",
    "하늘은 무슨 색이야?": "하늘은 파란색입니다.",
    "고마워!": "천만에요. 😊",
}
STEPS, CONTEXT = 80, 128
END = "<|end|>"
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def train_tokenizer() -> PreTrainedTokenizerFast:
    special = [END, "<|system|>", "<|user|>", "<|assistant|>"]
    learnt = ByteLevelBPETokenizer()
    texts = [text for pair in DIALOGUES.items() for text in pair]
    learnt.train_from_iterator(texts, vocab_size=500, special_tokens=special, show_progress=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=learnt._tokenizer,
        eos_token=END,
        pad_token=END,
        additional_special_tokens=special[1:],
        chat_template=TEMPLATE,
    )


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # on anything so small, threads wait for each other
    tokenizer = train_tokenizer()
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=CONTEXT,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
            tie_word_embeddings=True,
        )
    )
    turns = [
        [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
        for asked, answer in DIALOGUES.items()
    ]
    batch = tokenizer.apply_chat_template(
        turns, padding=True, return_dict=True, return_tensors="pt"
    )
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for step in range(1, STEPS + 1):
        loss = model(**batch, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        report.log({"train/loss": loss.item()}, step=step)
        report.progress(step=step, total=STEPS)

    folder = Path(os.environ.get("TRAINWRIGHT_RUN_DIR", ".")) / "model"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    print(f"saved {folder}")


if __name__ == "__main__":
    main()
