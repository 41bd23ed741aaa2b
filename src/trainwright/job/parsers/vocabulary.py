"""Words that logs use, sorted by what a value beside them means. Data only."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SPLITS: dict[str, str] = {
    **dict.fromkeys(_words("train training trn tr"), "train"),
    **dict.fromkeys(
        _words(
            "val valid validation validating validate eval evaluation evaluate evaluating dev "
            "cv holdout heldout"
        ),
        "val",
    ),
    **dict.fromkeys(_words("test testing tst predict"), "test"),
}

ALIASES: dict[str, str] = {
    "total_loss": "loss",
    "lm_loss": "loss",
    "lm_loss_value": "loss",
    "lm_loss_ppl": "perplexity",
    "acc": "accuracy",
    "a_acc": "accuracy",
    "top1": "accuracy",
    "top_1": "accuracy",
    "top1_acc": "accuracy",
    "top1_accuracy": "accuracy",
    "top_1_acc": "accuracy",
    "top_1_accuracy": "accuracy",
    "accuracy_top1": "accuracy",
    "accuracy_top_1": "accuracy",
    "acc1": "accuracy",
    "acc@1": "accuracy",
    "prec@1": "accuracy",
    "accuracy@1": "accuracy",
    "acc_1": "accuracy",
    "accuracy01": "accuracy",
    "accuracy05": "top5",
    "accuracy_score": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "binary_accuracy": "accuracy",
    "multiclass_accuracy": "accuracy",
    "top5": "top5",
    "top_5": "top5",
    "top5_acc": "top5",
    "top5_accuracy": "top5",
    "top_5_acc": "top5",
    "top_5_accuracy": "top5",
    "accuracy_top5": "top5",
    "accuracy_top_5": "top5",
    "acc5": "top5",
    "acc@5": "top5",
    "prec@5": "top5",
    "accuracy@5": "top5",
    "rouge_1": "rouge1",
    "rouge_2": "rouge2",
    "rouge_l": "rougel",
    "rouge_lsum": "rougelsum",
    "f1_score": "f1",
    **{
        f"{score}_{mean}": f"f1_{mean}"
        for score in ("f1_score", "f_score")
        for mean in ("macro", "micro", "weighted")
    },
    "f1score": "f1",
    "f_1": "f1",
    "f_score": "f1",
    "fscore": "f1",
    "f_measure": "f1",
    "macro_f1": "f1_macro",
    "macro_f1_score": "f1_macro",
    "micro_f1": "f1_micro",
    "micro_f1_score": "f1_micro",
    "weighted_f1": "f1_weighted",
    "weighted_f1_score": "f1_weighted",
    "macro_precision": "precision_macro",
    "macro_recall": "recall_macro",
    "weighted_precision": "precision_weighted",
    "weighted_recall": "recall_weighted",
    "prec": "precision",
    "rec": "recall",
    "roc_auc": "auc",
    "rocauc": "auc",
    "auroc": "auc",
    "auc_roc": "auc",
    "roc_auc_score": "auc",
    "auc_score": "auc",
    "pr_auc": "auprc",
    "aucpr": "auprc",
    "auc_pr": "auprc",
    "map50": "map50",
    "map_50": "map50",
    "map@50": "map50",
    "map@0.5": "map50",
    "map@.5": "map50",
    "map0.5": "map50",
    "ap50": "map50",
    "ap_50": "map50",
    "bbox_map_50": "map50",
    "bbox_ap50": "map50",
    "map50_95": "map50_95",
    "map_50_95": "map50_95",
    "map@0.5:0.95": "map50_95",
    "map@.5:.95": "map50_95",
    "map@[.5:.95]": "map50_95",
    "map@50:95": "map50_95",
    "map@50-95": "map50_95",
    "map@50_95": "map50_95",
    "map_0.5:0.95": "map50_95",
    "bbox_map": "map50_95",
    "bbox_ap": "map50_95",
    "coco/ap": "map50_95",
    **{
        f"{task}/ap{of}": f"{prefix}map{to}"
        for task, prefix in (("bbox", ""), ("segm", "mask_"), ("keypoints", "pose_"))
        for of, to in (
            ("", "50_95"),
            ("50", "50"),
            ("75", "75"),
            ("s", "_small"),
            ("m", "_medium"),
            ("l", "_large"),
        )
    },
    "map75": "map75",
    **dict.fromkeys(("map@0.75", "map@.75", "map@75", "map0.75"), "map75"),
    "map_75": "map75",
    "ap75": "map75",
    **{
        f"{measure}_{letter}": f"{base}_{size}"
        for measure, base in (("ap", "map"), ("ar", "ar"))
        for letter, size in (
            ("s", "small"),
            ("m", "medium"),
            ("l", "large"),
            ("e", "easy"),
            ("h", "hard"),
        )
    },
    "bbox_map_75": "map75",
    "bbox_map_s": "map_small",
    "bbox_map_m": "map_medium",
    "bbox_map_l": "map_large",
    "segm_map": "mask_map50_95",
    "segm_map_50": "mask_map50",
    "segm_map_75": "mask_map75",
    "segm_map_s": "mask_map_small",
    "segm_map_m": "mask_map_medium",
    "segm_map_l": "mask_map_large",
    "m_iou": "miou",
    "mean_iou": "miou",
    "m_acc": "mean_class_accuracy",
    "macc": "mean_class_accuracy",
    "m_dice": "mean_dice",
    "dice_score": "dice",
    "dice_coefficient": "dice",
    "dice_coef": "dice",
    "dsc": "dice",
    "ppl": "perplexity",
    "grad_norm": "grad_norm",
    "gnorm": "grad_norm",
    "norm": "grad_norm",
    "gradnorm": "grad_norm",
    "gradient_norm": "grad_norm",
    "total_grad_norm": "grad_norm",
    "reward": "reward_mean",
    "mean_reward": "reward_mean",
    "avg_reward": "reward_mean",
    "average_reward": "reward_mean",
    "reward_mean": "reward_mean",
    "kl_div": "kl",
    "kl_divergence": "kl",
    "mean_kl": "kl",
    "mean_entropy": "entropy",
    "ce_mean_words": "ce_mean_words",
    "mean_squared_error": "mse",
    "mean_absolute_error": "mae",
    "root_mean_squared_error": "rmse",
    "l1_error": "mae",
    "r2_score": "r2",
    "r^2": "r2",
    "r²": "r2",
    "r_squared": "r2",
    "log_loss": "logloss",
    "binary_logloss": "logloss",
    "multi_logloss": "logloss",
    "mlogloss": "logloss",
    "err": "error",
    "error_rate": "error",
    "err@1": "top1_error",
    "bleu_score": "bleu",
    "exact_match": "exact_match",
    "tokens_per_second": "tokens_per_second",
    "tokens_per_sec": "tokens_per_second",
    "tokens/s": "tokens_per_second",
    "tokens/sec": "tokens_per_second",
    "tokens/second": "tokens_per_second",
    "tok/s": "tokens_per_second",
    "tok/sec": "tokens_per_second",
    "toks/s": "tokens_per_second",
    "tps": "tokens_per_second",
}
"""What is left of a name without its split, in lower case with `_` → its standard form."""

LEARNING_RATES = _words("lr l.r learning_rate learningrate learn_rate base_lr cur_lr current_lr")

PERCENT = _words(
    "acc@1 acc@5 prec@1 prec@5 acc1 acc5 err@1 accuracy@1 accuracy@5 accuracy_top_1 accuracy_top_5 "
    "bbox/ap bbox/ap50 bbox/ap75 bbox/aps bbox/apm bbox/apl "
    "segm/ap segm/ap50 segm/ap75 segm/aps segm/apm segm/apl"
)
"""Names that every program which uses them prints as percent."""

EVALUATION_ONLY = _words(
    "map50 map75 map50_95 miou map_small map_medium map_large mask_map50 mask_map50_95 "
    "mask_map75 mean_class_accuracy mask_precision mask_recall pose_map50 pose_map50_95 map ap "
    "map_easy map_hard ar ar1 ar10 ar50 ar75 ar100 fw_iou macc pacc pq sq rq "
    "f1_macro f1_micro f1_weighted precision_macro recall_macro "
    "pearson spearman precision_weighted recall_weighted score bleu rouge1 rouge2 rougel "
    "rougelsum wer cer fid"
)
"""Metrics that are measured on held-out data by their nature; `val` where the log says no split."""

STRONG = _words(
    "loss losses accuracy acc f1 recall auc auroc auprc dice miou iou bleu rouge rouge1 rouge2 "
    "rougel rougelsum meteor cider wer cer ppl perplexity reward rewards entropy mse mae rmse "
    "rmsle mape smape logloss nll elbo psnr ssim lpips fid mcc kappa ndcg mrr map50 map75 map "
    "top1 top5 acc1 acc5 acc@1 acc@5 prec@1 prec@5 bpc bpb crossentropy xent mfu "
    "accuracies celoss multiloss pearson spearman"
)
"""A value beside one of these is a metric, whatever else the line says."""

WEAK = _words(
    "pq sq rq precision prec ap ap50 ap75 ar score error err return returns kl map em r2 ce bce "
    "hinge "
    "advantage advantages margin margins silhouette sensitivity specificity likelihood deviance "
    "divergence approxkl approx_kl norm variance value_loss merror cost"
)
"""Metrics in a line that also shows progress or a strong metric, or where the value is decimal."""

COUNTS = _words(
    "time times timing timings elapsed eta duration dur runtime sec secs second seconds minutes "
    "hours ms latency mem memory vram ram gb gib mb mib kb bytes byte gpu gpus cpu cpus cuda "
    "device pid port rank seed version id ids uid num number count counts total_tokens flos "
    "flops tflops params parameters param workers worker threads size sizes samples images "
    "instances files batch_size shape support vocab line lines exit code status node nodes host "
    "year month day date fps ips speed throughput_samples remaining timestamp ts timesteps "
    "cost_time batch_cost reader_cost percentage chars words fwd bwd seqlen resolution width "
    "height channels examples records "
    "rows cols columns tokens percent progress util utilization temp temperature_c power watts "
    "reserved allocated iters iterations episodes updates epochs steps copypaste ups "
    "wps wpb bsz wall reader data wait gen_len"
)
"""A name with one of these is a time, a count, a size or an address: never a metric."""

SETTINGS = _words(
    "weight weights coef coeff coefficient lambda alpha beta betas gamma momentum decay dropout "
    "smoothing eps epsilon warmup clip clipping interval freq frequency dim hidden layers heads "
    "patience threshold thresh thres thr delta min_delta scale scaler factor range max min limit "
    "target init initial scheduler optimizer schedule tolerance tol temperature top_p top_k "
    "penalty noise start end warm backbone workers horizon probability prob p type name "
    "function fn func criterion budget cutoff bits precision_bits"
)
"""A name that ends in one of these is a setting, unless a namespace says it was measured."""

CONFIG_KEYS = _words(
    "batch_size per_device_train_batch_size num_workers weight_decay momentum optimizer seed "
    "num_epochs max_epochs n_epochs epochs num_train_epochs dropout hidden_size hidden_dim "
    "num_layers n_layers num_classes img_size image_size max_steps warmup_steps warmup_ratio "
    "patience scheduler betas eps gamma weight_init device model dataset num_heads n_heads "
    "max_length model_name data_dir output_dir save_dir log_interval "
    "gradient_accumulation_steps label_smoothing vocab_size n_embd n_head n_layer block_size "
    "lr_scheduler_type bs imgsz workers lrf lr0 initializer_range layer_norm_eps "
    "attention_dropout max_depth n_estimators num_leaves min_child_weight subsample "
    "colsample_bytree"
)
"""Two of these on one line and the line is a dump of settings."""

MODIFIERS = _words(
    "avg average averaged mean running current cur epoch batch step final overall global "
    "smoothed aggregate aggregated metrics metric moving avr ave set dataset"
)
"""Left out of standard names where the rest is a standard name."""

DURATIONS = _words(
    "time times timing elapsed eta duration sec secs second seconds minutes hours ms latency mem "
    "memory"
)
"""What ends the name of a time or a memory, even of one that is about a loss."""

PROGRESS: dict[str, str] = {
    **dict.fromkeys(_words("epoch ep epoch_num epoch_idx current_epoch cur_epoch"), "epoch"),
    **dict.fromkeys(_words("epochs num_epochs total_epochs max_epochs"), "epochs"),
    **dict.fromkeys(
        _words(
            "step global_step globalstep iter iteration global_step_num num_updates iter_num "
            "iterations iters steps current_step num_steps_done update total_timesteps batch_idx "
            "training/global_step env_step global_iter trainer/global_step num_timesteps"
        ),
        "step",
    ),
    **dict.fromkeys(("training/epoch", "train/epoch", "trainer/epoch"), "epoch"),
}
"""Names that say where training is."""

NUMBERED = _words("fid kid bleu rouge psnr ssim iou miou dice recall precision loss acc accuracy")
"""Metrics that are told apart by a number behind their name: `bleu4`, `fid50k`."""

LENGTHS = _words("length len lengths lens")
MEASURED_LENGTHS = _words("completion response episode episodic ep mean avg average")
"""A length is a setting or a size, but for what a policy writes or how long it lasts."""

RANKED = _words("hit hits hr recall precision ndcg mrr map p r acc accuracy pass f1 maj cons")
"""Metrics at a rank: `ndcg@10`."""

QUALIFIED = _words("loss losses error accuracy acc reward rewards return score entropy total")
"""Last words of names that words before them make names of their own: `surrogate loss`."""

PLAIN_WORDS = _words(
    "dataset data set samples images phase complete completed "
    "the a an this our its new with and or to of from by is was has had got get model network net "
    "saving saved save checkpoint finished done reached achieved obtained improved report result "
    "results log logging best current previous prev old on in for at after before when until if "
    "not no than monitor monitoring using computed estimated"
)
"""Words of prose: they are no part of a metric's name."""

UNITS = _words("s ms us sec secs seconds gb mb gib mib kb it/s s/it samples/s img/s h min")
"""What follows a value of something measured in units: never a metric."""

GLUE = _words("test train validation val valid eval dev set mean average avg top")
"""Words that may stand inside the name of a metric."""

DESCRIBING = _words(
    "episode cumulative total average avg mean running best max min final overall current "
    "macro micro weighted "
    "squared absolute root grad gradient learning top token policy value critic actor entropy kl "
    "validation class balanced word character box cls dfl obj mask lm nll generator discriminator "
    "reconstruction d g contrastive auxiliary aux regression classification cross binary pixel "
    "roc log"
)
"""Words that stand before the name of a metric and belong to it."""
